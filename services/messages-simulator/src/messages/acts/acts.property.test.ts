import assert from "node:assert/strict";
import { test } from "node:test";
import { HISTORY_GROUP_GUID } from "../history.ts";
import { SeededRandom } from "../seeded-random.ts";
import { ALICE, composed, picture, sent, words } from "../testing/acts-fixture.ts";
import { CONTACT, said, withMessages } from "../testing/messages-fixture.ts";
import { watchSaves } from "../testing/sight.ts";
import { type Act, CannotHappenError, NotThereError } from "./act.ts";

const SEEDS = [1, 2, 3, 4, 5, 6];
const STEPS = 180;

/** Acts of all kinds on rows that are there more often than not. */
function drawAct(random: SeededRandom, head: number): Act {
  const rowid = BigInt(random.integer(1, head));
  const attachment = BigInt(random.integer(1, 12));
  const person = () => random.pick(["", CONTACT, ALICE, "bob@example.com"]);
  const isSure = random.next() < 0.5;
  const groupGuid = isSure ? HISTORY_GROUP_GUID : "";
  const chatGuid = random.next() < 0.8 ? HISTORY_GROUP_GUID : `any;-;${CONTACT}`;
  const place = () => ({ from: CONTACT, chatGuid: groupGuid, service: "" });
  const draw = random.pick<() => Act>([
    () => ({ kind: "edit", rowid, part: random.integer(0, 2), text: `edited ${random.integer(0, 9)}` }),
    () => ({ kind: "unsend", rowid, parts: isSure ? [] : [random.integer(0, 2)] }),
    () => ({
      kind: "receipt",
      rowid,
      receipt: random.pick(["delivered", "read", "read", "played", "sent", "failed"]),
    }),
    () => ({
      kind: "tapback",
      rowid,
      part: 0,
      from: person(),
      type: random.pick([1_000, 2_000, 2_001, 2_007, 3_000, 3_007]),
      emoji: "",
    }),
    () => ({
      kind: "tapback",
      rowid,
      part: 0,
      from: person(),
      type: random.pick([2_006, 3_006]),
      emoji: random.pick(["🎂", "👍"]),
    }),
    () =>
      sent({ attachments: random.integer(1, 3), text: isSure ? "words" : "", isJoinLate: isSure, groupGuid }),
    () => sent({ transferState: random.pick([0, 3, 5]), isAudio: true }),
    () => ({
      kind: "advance-attachment",
      rowid: attachment,
      transferState: random.pick([3, 5, 5, 6, 7]),
    }),
    () => ({ kind: "transcribe", rowid, text: `said ${random.integer(0, 9)}` }),
    () => ({ kind: "recently-delete", rowid }),
    () => ({ kind: "recover", rowid }),
    () => ({ kind: "hard-delete", rowid }),
    () => ({ kind: "delete-chat", chatGuid: random.next() < 0.2 ? chatGuid : "any;-;nobody@example.com" }),
    () => ({ kind: "rename-chat", chatGuid, name: random.pick(["", "Cake", "Pie"]), from: person() }),
    () => ({
      kind: "change-membership",
      chatGuid,
      address: random.pick([CONTACT, ALICE, "bob@example.com"]),
      isAdded: isSure,
      from: person(),
    }),
    () => ({
      kind: "rewrite-chat-guid",
      chatGuid: `${isSure ? "any" : "iMessage"};-;${CONTACT}`,
      newChatGuid: `${isSure ? "iMessage" : "any"};-;${CONTACT}`,
    }),
    () => ({ kind: "rewrite-message-guid", rowid }),
    () => ({ kind: "schedule-create", to: CONTACT, text: "later", delayNs: 3_600_000_000_000n }),
    () => ({ kind: "schedule-send", rowid }),
    () => ({ kind: "schedule-cancel", rowid }),
    () => ({ kind: "change-photo", chatGuid, isRemoved: isSure, from: person() }),
    () => ({ kind: "add-link-preview", rowid }),
    () => composed([words("see you"), picture(), words("there")], { chatGuid: groupGuid }),
    () => composed([words("over SMS")], { service: "SMS" }),
    () => composed([words("own")], { from: "", chatGuid }),
    () => composed([words("yes")], { chatGuid: groupGuid, reply: { rowid, part: 0 } }),
    () => composed([words("no")], { form: random.pick(["broken", "text"]) }),
    () => ({
      ...place(),
      kind: "say-app",
      app: "game",
      caption: "your turn",
      replacedRowid: isSure ? rowid : 0n,
    }),
    () => ({ ...place(), kind: "poll-create", title: "Lunch?", options: ["yes", "no"] }),
    () => ({ kind: "poll-add-option", rowid, from: person(), text: "later" }),
    () => ({ kind: "poll-vote", rowid, from: person(), options: [random.integer(0, 2)] }),
    () => ({ kind: "change-background", chatGuid, isRemoved: isSure, from: person() }),
    () => ({
      kind: "change-number",
      chatGuid,
      address: random.pick([ALICE, "bob@example.com"]),
      newAddress: random.pick([ALICE, "bob@example.com", CONTACT]),
    }),
    () => ({ kind: "change-own-membership", chatGuid, isMember: isSure }),
    () => ({ kind: "share-location", chatGuid, from: person(), isStopped: isSure }),
    () => ({ kind: "call", chatGuid, from: person() }),
    () => ({ kind: "keep-audio", rowid, from: person() }),
    () => ({ kind: "add-to-chat", rowid, chatGuid: random.pick([`SMS;-;${CONTACT}`, `any;-;${CONTACT}`]) }),
    () => ({ kind: "schedule-edit", rowid, text: `later ${random.integer(0, 9)}`, delayNs: 0n }),
  ]);
  return draw();
}

for (const seed of SEEDS) {
  test(`seed ${seed}: what every save changes for a person is what it records, no more and no less`, async (context) => {
    await withMessages(async ({ messages, clock, database, read, news, restart }) => {
      const random = new SeededRandom(BigInt(seed), "acts");
      const faults = watchSaves(database, read, news);
      const done = new Map<string, number>();
      for (let step = 0; step < STEPS; step += 1) {
        if (step % 5 === 0)
          await messages.say(said(`text ${step}`, { groupGuid: step % 10 === 0 ? HISTORY_GROUP_GUID : "" }));
        if (step % 7 === 0) {
          const to = { kind: "participant", address: CONTACT } as const;
          const sending = messages
            .application(new AbortController().signal)
            .send(`own ${step}`, to, undefined);
          await clock.advance(random.integer(30, 60));
          await sending;
        }
        const act = drawAct(random, Number(messages.counts().headRowid) + 1);
        try {
          await messages.act(act);
          done.set(act.kind, (done.get(act.kind) ?? 0) + 1);
        } catch (error) {
          if (!(error instanceof CannotHappenError || error instanceof NotThereError)) throw error;
        }
      }
      await clock.advance(1_000);
      assert.deepEqual(faults, []);
      assert.ok(done.size >= 12, `only ${[...done.keys()]}`);
      context.diagnostic([...done].map(([kind, times]) => `${kind} ${times}`).join(", "));
      assert.deepEqual(read("PRAGMA integrity_check"), [{ integrity_check: "ok" }]);
      assert.deepEqual(read("PRAGMA foreign_key_check"), []);
      // Nothing is left over for a repair, and a start finds nothing to tell.
      news();
      const again = await restart();
      assert.deepEqual([again.repair(), news()], [{ reparented: 0, finished: 0 }, []]);
    });
  });
}
