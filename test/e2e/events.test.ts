/** Everything that can happen to a message, a group and an attachment, from Messages' transaction to the typed event. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type MessageUpdate, MessageUpdateReason } from "@imesh/contracts/bridge/v1/event";
import {
  AppKind,
  BodyForm,
  DetectedData,
  ReceiptKind as SimulatedReceipt,
  TextStyle as SimulatedStyle,
  TextEffect,
} from "@imesh/contracts/simulator/v1";
import { waitFor } from "@imesh/testing";
import { ANNA, composed, filePiece, Stage, single, textPiece, words } from "./events-stage.ts";

test("what a message can hold arrives as it is", { timeout: 120_000 }, async () => {
  await using stage = await Stage.start();
  const pieces = [
    textPiece("Hi "),
    textPiece("Bo", { mention: "bo@example.com" }),
    textPiece(" see ", { styles: [SimulatedStyle.BOLD, SimulatedStyle.UNDERLINE] }),
    textPiece("here", { link: "https://example.com/a" }),
    textPiece(" or ", { effect: TextEffect.SHAKE }),
    textPiece("at noon", { detected: DetectedData.CALENDAR_EVENT }),
  ];
  const first = single(
    await stage.says(
      {
        $case: "compose",
        value: composed(ANNA, pieces, {
          subject: "Plan",
          effectId: "com.apple.messages.effect.CKConfettiEffect",
        }),
      },
      [
        'message incoming "Hi Bo see here or at noon" subject Plan CKConfettiEffect mention "Bo" bo@example.com ' +
          'bold " see " underline " see " link "here" https://example.com/a effect " or " shake ' +
          'calendar_event "at noon"',
      ],
    ),
  );
  await stage.says({ $case: "compose", value: words(ANNA, "yes", { reply: { rowid: first, part: 0 } }) }, [
    'message incoming "yes" reply to part 0',
  ]);
  await stage.says(
    { $case: "compose", value: composed(ANNA, [textPiece("two"), filePiece(5), filePiece(5)]) },
    ['message incoming "two\uFFFC\uFFFC" file ready file ready'],
  );
  await stage.says({ $case: "compose", value: words(ANNA, "away", { isAutoReply: true }) }, [
    'message incoming "away" automatic',
  ]);
  await stage.says({ $case: "compose", value: words("12345", "Liked “yes”", { service: "SMS" }) }, [
    'message incoming "Liked “yes”" reads like like',
  ]);
  await stage.says({ $case: "compose", value: words(ANNA, "lost", { form: BodyForm.BROKEN }) }, [
    "undecodable unexpected-end",
  ]);
  const app = { from: ANNA, chatGuid: "", service: "", replacedRowid: 0n } as const;
  await stage.says({ $case: "sayApp", value: { ...app, app: AppKind.APPLE_CASH, caption: "$5" } }, [
    'message incoming "" apple-cash: $5|Apple Cash',
  ]);
});

test("what becomes of a message arrives as what it is", { timeout: 120_000 }, async () => {
  await using stage = await Stage.start();
  const said = async (text: string): Promise<bigint> =>
    single(await stage.says({ $case: "compose", value: words(ANNA, text) }, [`message incoming "${text}"`]));
  const rowid = await said("one");
  const edit = { $case: "edit", value: { rowid, part: 0, text: "two" } } as const;
  await stage.says(edit, ["edit 0: one > two; now two"]);
  const tapback = (type: number, emoji = "", from = ANNA) =>
    ({ $case: "tapback", value: { rowid, part: 0, from, type, emoji } }) as const;
  await stage.says(tapback(2000), ["reaction incoming added love on 0"]);
  await stage.says(tapback(2006, "🎉"), ["reaction incoming added emoji🎉 on 0"]);
  await stage.says(tapback(3006, "🎉"), ["reaction incoming removed emoji🎉 on 0"]);
  // Who reads a message has read those before it.
  await stage.says({ $case: "receipt", value: { rowid, kind: SimulatedReceipt.READ } }, [
    "receipt incoming read",
    "receipt incoming read",
  ]);
  await stage.says({ $case: "recentlyDelete", value: { rowid } }, ["deletion recently_deleted"]);
  await stage.says({ $case: "recover", value: { rowid } }, ["deletion recovered"]);
  await stage.says({ $case: "unsend", value: { rowid, parts: [] } }, ["unsend 0 whole"]);
  const parts = single(
    await stage.says(
      { $case: "compose", value: composed(ANNA, [textPiece("a"), filePiece(5), textPiece("b")]) },
      ['message incoming "a\uFFFCb" file ready'],
    ),
  );
  const inPart = (part: number, text: string) =>
    ({ $case: "edit", value: { rowid: parts, part, text } }) as const;
  await stage.says(inPart(0, "A"), ["edit 0: a > A; now A\uFFFCb"]);
  await stage.says(inPart(2, "B"), ["edit 2: b > B; now A\uFFFCB"]);
  await stage.says({ $case: "unsend", value: { rowid: parts, parts: [1] } }, ["unsend 1 leaves AB"]);
  await stage.says(inPart(2, "C"), ["edit 2: B > C; now AC"]);
  const other = await said("short-lived");
  await stage.says({ $case: "hardDelete", value: { rowid: other } }, ["deletion deleted"]);
  const link = single(
    await stage.says(
      {
        $case: "compose",
        value: composed(ANNA, [textPiece("https://example.com/", { link: "https://example.com/" })]),
      },
      ['message incoming "https://example.com/" link "https://example.com/" https://example.com/'],
    ),
  );
  // With a picture or without: as it comes.
  await stage.fleet
    .simulator()
    .call("act", { action: { $case: "addLinkPreview", value: { rowid: link } } }, { deadlineMs: 20_000 });
  await waitFor(
    () =>
      stage.recorder.events.some(
        ({ payload }) => payload?.$case === "messageUpdate" && hasPreview(payload.value),
      ),
    { deadlineMs: 15_000, what: "the preview" },
  );
});

function hasPreview({ reason, message }: MessageUpdate): boolean {
  const content = message?.balloon?.content;
  const isLink = content?.$case === "link" && content.value.url === "https://example.com/";
  return reason === MessageUpdateReason.CONTENT && isLink;
}

test("polls, Send Later and groups arrive as what they are", { timeout: 120_000 }, async () => {
  await using stage = await Stage.start();
  const poll = single(
    await stage.says(
      {
        $case: "poll",
        value: {
          step: {
            $case: "create",
            value: { from: ANNA, chatGuid: "", title: "When?", options: ["Mon", "Tue"] },
          },
        },
      },
      ['message incoming "" poll Mon, Tue'],
    ),
  );
  await stage.says(
    {
      $case: "poll",
      value: { step: { $case: "addOption", value: { rowid: poll, from: ANNA, text: "Wed" } } },
    },
    ["poll Mon, Tue, Wed"],
  );
  const delay = { seconds: 3_600n, nanos: 0 };
  const scheduled = single(
    await stage.says(
      { $case: "schedule", value: { step: { $case: "create", value: { to: ANNA, text: "later", delay } } } },
      ["scheduled scheduled later at a time"],
    ),
  );
  await stage.says({ $case: "schedule", value: { step: { $case: "cancel", value: { rowid: scheduled } } } }, [
    "scheduled cancelled",
  ]);
  const group = await stage.groupGuid();
  await stage.says({ $case: "renameChat", value: { chatGuid: group, name: "Trip", from: "" } }, [
    "chat name",
    "group own renamed Trip",
  ]);
  assert.equal(stage.last("chatUpdate").event.chat?.displayName, "Trip");
  const changed = { chatGuid: group, address: "+15550007002", from: "" } as const;
  await stage.says({ $case: "changeMembership", value: { ...changed, isAdded: true } }, [
    "chat members",
    "group own participant_added +15550007002",
  ]);
  await stage.says({ $case: "changeMembership", value: { ...changed, isAdded: false } }, [
    "chat members",
    "group own participant_removed +15550007002",
  ]);
  await stage.says({ $case: "changePhoto", value: { chatGuid: group, isRemoved: false, from: "" } }, [
    "chat properties",
    "group own photo_changed",
  ]);
  await stage.says({ $case: "shareLocation", value: { from: "", chatGuid: group, isStopped: false } }, [
    "location started",
  ]);
  await stage.says({ $case: "call", value: { from: "", chatGuid: group } }, ["call"]);
  const voice = single(
    await stage.says(
      {
        $case: "sayAttachment",
        value: {
          ...{ from: ANNA, chatGuid: "", text: "", attachments: 1, sizeBytes: 10n, transferState: 3 },
          ...{ isAudio: true, isJoinLate: false },
        },
      },
      ['message incoming "" file transferring audio'],
    ),
  );
  await stage.says({ $case: "transcribe", value: { rowid: voice, text: "call me" } }, [
    'update content incoming "" file transferringcall me audio',
    "attachment info transferring",
  ]);
});
