/** I14: what was edited and taken back while nobody listened is told as it happened, and once, by the rows as they are by then. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeletionState, Direction, MessageUpdateReason } from "@imesh/contracts/bridge/v1/event";
import { waitFor } from "@imesh/testing";
import { ANNA, composed, filePiece, Stage, single, textPiece, words } from "./events-stage.ts";

test("edits and unsends of an outage are each told once", { timeout: 120_000 }, async () => {
  await using stage = await Stage.start();
  const said = async (text: string): Promise<bigint> =>
    single(await stage.says({ $case: "compose", value: words(ANNA, text) }, [`message incoming "${text}"`]));
  const edit = (rowid: bigint, part: number, text: string) =>
    stage.does({ $case: "edit", value: { rowid, part, text } });
  const edited = await said("one");
  const gone = await said("gone");
  const parts = single(
    await stage.says(
      { $case: "compose", value: composed(ANNA, [textPiece("a"), filePiece(5), textPiece("b")]) },
      ['message incoming "a\uFFFCb" file ready'],
    ),
  );
  await stage.fleet.kill("mac-bridge");
  await edit(edited, 0, "two");
  await edit(edited, 0, "three");
  await edit(parts, 2, "B");
  await stage.does({ $case: "unsend", value: { rowid: parts, parts: [1] } });
  await edit(parts, 0, "A");
  await edit(gone, 0, "going");
  await stage.does({ $case: "unsend", value: { rowid: gone, parts: [] } });
  // One that nobody had heard of before.
  const late = single(await stage.does({ $case: "compose", value: words(ANNA, "late") }));
  await edit(late, 0, "later");
  await edit(late, 0, "latest");
  await stage.fleet.kill("lock-broker");
  await stage.fleet.start("lock-broker");
  await stage.fleet.start("mac-bridge");
  await stage.hears(
    [
      "edit 0: one > two, 0: two > three; now three",
      "edit 2: b > B, 0: a > A; now AB",
      "unsend 1 leaves AB",
      "unsend 0 whole",
      'message incoming "latest"',
      "edit 0: late > later, 0: later > latest; now latest",
    ],
    "the outage",
  );
  await stage.says({ $case: "edit", value: { rowid: edited, part: 0, text: "four" } }, [
    "edit 0: three > four; now four",
  ]);
});

test("what Messages writes into an edited message is no edit of it", { timeout: 120_000 }, async () => {
  await using stage = await Stage.start();
  const rowid = single(
    await stage.says({ $case: "compose", value: words(ANNA, "one") }, ['message incoming "one"']),
  );
  await stage.says({ $case: "edit", value: { rowid, part: 0, text: "two" } }, ["edit 0: one > two; now two"]);
  const before = stage.recorder.events.length;
  await stage.does({ $case: "addLinkPreview", value: { rowid } });
  // With a picture, its attachment comes first.
  const updates = () =>
    stage.recorder.events.slice(before).map(({ payload }) => {
      return payload?.$case === "messageUpdate" ? payload.value.reason : payload?.$case;
    });
  await waitFor(() => updates().includes(MessageUpdateReason.CONTENT), {
    deadlineMs: 15_000,
    what: "the preview",
  }).catch((error: unknown) => assert.fail(`${String(error)}; came: ${updates().join()}`));
  assert.ok(!updates().includes("edit"), updates().join());
});

test("a reaction that goes with its chat was not taken back", { timeout: 120_000 }, async () => {
  await using stage = await Stage.start();
  const rowid = single(
    await stage.says({ $case: "compose", value: words(ANNA, "one") }, ['message incoming "one"']),
  );
  await stage.says({ $case: "tapback", value: { rowid, part: 0, from: ANNA, type: 2000, emoji: "" } }, [
    "reaction incoming added love on 0",
  ]);
  const { event } = stage.last("reaction");
  assert.ok(event.chat !== undefined && stage.last("message").value.direction === Direction.INCOMING);
  // The first message of the stage is in that chat, too.
  await stage.says({ $case: "deleteChat", value: { guid: event.chat.guid } }, [
    "chat deleted",
    ...Array.from({ length: 3 }, () => "deletion deleted"),
  ]);
  assert.equal(stage.last("deletion").value.state, DeletionState.DELETED);
});
