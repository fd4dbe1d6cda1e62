import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ActRequest,
  AppKind,
  BodyForm,
  DetectedData,
  ReceiptKind,
  TextEffect,
  TextStyle,
} from "@imesh/contracts/simulator/v1";
import { RpcError } from "@imesh/rpc";
import { CannotHappenError, NotThereError } from "../messages/acts/act.ts";
import { DatabaseReplacedError } from "../messages/interruption.ts";
import { OrderRefusedError } from "../messages/say-order.ts";
import { parseAct, type WireAct, wireNameOf } from "./act-requests.ts";
import { refusalsAsStatus } from "./refusals.ts";

/** An action with the values that the wire gives to fields that are not set. */
function action(partial: object): WireAct {
  const { action: parsed } = ActRequest.fromPartial({ action: partial } as never);
  assert.ok(parsed !== undefined && parsed.$case !== "backfill" && parsed.$case !== "maintain");
  return parsed;
}

describe("parseAct()", () => {
  const SHAPES: readonly (readonly [object, object, string])[] = [
    [
      { $case: "edit", value: { rowid: 7n, part: 1, text: "x" } },
      { kind: "edit", rowid: 7n, part: 1, text: "x" },
      "edit",
    ],
    [
      { $case: "unsend", value: { rowid: 7n, parts: [2] } },
      { kind: "unsend", rowid: 7n, parts: [2] },
      "unsend",
    ],
    [
      { $case: "receipt", value: { rowid: 7n, kind: ReceiptKind.PLAYED } },
      { kind: "receipt", rowid: 7n, receipt: "played" },
      "receipt",
    ],
    [
      { $case: "sayAttachment", value: { from: "a", chatGuid: "g", attachments: 2, transferState: 3 } },
      {
        kind: "say-attachment",
        from: "a",
        groupGuid: "g",
        text: "",
        attachments: 2,
        sizeBytes: 0n,
        transferState: 3,
        isAudio: false,
        isJoinLate: false,
      },
      "say_attachment",
    ],
    [{ $case: "deleteChat", value: { guid: "g" } }, { kind: "delete-chat", chatGuid: "g" }, "delete_chat"],
    [
      {
        $case: "schedule",
        value: { step: { $case: "create", value: { to: "a", delay: { seconds: 2n, nanos: 5 } } } },
      },
      { kind: "schedule-create", to: "a", text: "", delayNs: 2_000_000_005n },
      "schedule.create",
    ],
    [
      { $case: "schedule", value: { step: { $case: "cancel", value: { rowid: 9n } } } },
      { kind: "schedule-cancel", rowid: 9n },
      "schedule.cancel",
    ],
    [
      {
        $case: "schedule",
        value: { step: { $case: "edit", value: { rowid: 9n, delay: { seconds: 1n, nanos: 0 } } } },
      },
      { kind: "schedule-edit", rowid: 9n, text: "", delayNs: 1_000_000_000n },
      "schedule.edit",
    ],
    [
      {
        $case: "compose",
        value: {
          from: "a",
          pieces: [
            {
              kind: {
                $case: "text",
                value: {
                  text: "x",
                  styles: [TextStyle.BOLD],
                  effect: TextEffect.SHAKE,
                  detected: DetectedData.OTHER,
                },
              },
            },
            { kind: { $case: "file", value: { sizeBytes: 3n, transferState: 5, genmoji: "a cat" } } },
          ],
          reply: { rowid: 4n, part: 1 },
          form: BodyForm.BROKEN,
        },
      },
      {
        kind: "compose",
        from: "a",
        chatGuid: "",
        service: "",
        pieces: [
          {
            kind: "text",
            text: "x",
            mention: "",
            link: "",
            styles: ["bold"],
            effect: "shake",
            detected: "data",
            oneTimeCode: "",
          },
          { kind: "file", sizeBytes: 3n, transferState: 5, genmoji: "a cat" },
        ],
        subject: "",
        effectId: "",
        reply: { rowid: 4n, part: 1 },
        isAutoReply: false,
        form: "broken",
      },
      "compose",
    ],
    [
      { $case: "sayApp", value: { from: "a", app: AppKind.GAME, caption: "c", replacedRowid: 3n } },
      {
        kind: "say-app",
        from: "a",
        chatGuid: "",
        service: "",
        app: "game",
        caption: "c",
        replacedRowid: 3n,
      },
      "say_app",
    ],
    [
      { $case: "poll", value: { step: { $case: "addOption", value: { rowid: 3n, text: "x" } } } },
      { kind: "poll-add-option", rowid: 3n, from: "", text: "x" },
      "poll.add_option",
    ],
    [
      { $case: "poll", value: { step: { $case: "vote", value: { rowid: 3n, options: [1] } } } },
      { kind: "poll-vote", rowid: 3n, from: "", options: [1] },
      "poll.vote",
    ],
    [
      { $case: "poll", value: { step: { $case: "create", value: { chatGuid: "g", options: ["x"] } } } },
      { kind: "poll-create", from: "", chatGuid: "g", service: "", title: "", options: ["x"] },
      "poll.create",
    ],
    [
      { $case: "changeOwnMembership", value: { chatGuid: "g" } },
      { kind: "change-own-membership", chatGuid: "g", isMember: false },
      "change_own_membership",
    ],
  ];
  for (const [wire, act, name] of SHAPES) {
    test(`reads ${name}`, () => {
      const parsed = action(wire);
      assert.deepEqual([parseAct(parsed), wireNameOf(parsed)], [act, name]);
    });
  }

  const ROWIDS = ["recentlyDelete", "recover", "hardDelete", "rewriteMessageGuid", "addLinkPreview"] as const;
  for (const $case of ROWIDS) {
    test(`reads ${$case}`, () => {
      const kind = $case.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      assert.deepEqual(parseAct(action({ $case, value: { rowid: 5n } })), { kind, rowid: 5n });
    });
  }

  const REFUSED: readonly (readonly [object, string])[] = [
    [{ $case: "receipt", value: { rowid: 1n } }, "receipt.kind"],
    [{ $case: "receipt", value: { rowid: 1n, kind: 77 } }, "receipt.kind"],
    [{ $case: "schedule", value: {} }, "schedule.step"],
    [{ $case: "poll", value: {} }, "poll.step"],
    [{ $case: "sayApp", value: {} }, "say_app.app"],
    [{ $case: "compose", value: { form: 77 } }, "compose.form"],
    [{ $case: "compose", value: { pieces: [{}] } }, "compose.pieces.kind"],
    [
      { $case: "compose", value: { pieces: [{ kind: { $case: "text", value: { styles: [0] } } }] } },
      "compose.pieces.text.styles",
    ],
    [
      { $case: "schedule", value: { step: { $case: "create", value: { to: "a" } } } },
      "schedule.create.delay",
    ],
  ];
  for (const [wire, field] of REFUSED) {
    test(`refuses what lacks ${field}`, () => {
      assert.throws(
        () => parseAct(action(wire)),
        (error) => error instanceof RpcError && error.fieldViolations?.[0]?.field === field,
      );
    });
  }
});

describe("refusalsAsStatus()", () => {
  const STATUSES: readonly (readonly [Error, object])[] = [
    [new OrderRefusedError("part", "must not be negative"), { code: "INVALID_ARGUMENT" }],
    [new NotThereError("part"), { code: "NOT_FOUND", reason: "PART_NOT_FOUND" }],
    [
      new CannotHappenError("the message is a tapback"),
      { code: "FAILED_PRECONDITION", reason: "CANNOT_HAPPEN" },
    ],
    [new DatabaseReplacedError(), { code: "ABORTED", reason: "DATABASE_REPLACED" }],
    [new TypeError("ours"), { name: "TypeError" }],
  ];
  for (const [error, expected] of STATUSES) {
    test(`gives ${error.name} its status`, async () => {
      await assert.rejects(
        refusalsAsStatus(() => Promise.reject(error)),
        expected,
      );
    });
  }

  test("puts the action in front of the field", async () => {
    const refusal = refusalsAsStatus(() => Promise.reject(new OrderRefusedError("part", "must be")), "edit.");
    await assert.rejects(refusal, { fieldViolations: [{ field: "edit.part", description: "must be" }] });
  });
});
