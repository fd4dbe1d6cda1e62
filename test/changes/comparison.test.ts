import assert from "node:assert/strict";
import { test } from "node:test";
import { disagreements, type Sight, type TrueChange } from "./comparison.ts";

const looking: Sight = { momentMs: 50, blind: [], departuresMs: [], departureMs: 500 };

/** `"new@0 content@1000=b"`: reason, milliseconds, state (by default of its own). */
function story(text: string): TrueChange[] {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((word, index) => {
      const [, reason = "", at = "0", state = `s${index}`] = /^([a-z-]+)@(\d+)(?:=(.*))?$/.exec(word) ?? [];
      return { databaseUid: "uid", subject: "message", rowid: 1n, reason, state, committedMs: Number(at) };
    });
}

function told(text: string) {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((reason) => ({ databaseUid: "uid", subject: "message", rowid: 1n, reason }));
}

function agree(truth: string, said: string, sight = looking): boolean {
  return disagreements(story(truth), told(said), sight).length === 0;
}

test("what was told one by one agrees, and nothing less, more or other does", () => {
  const truth = "new@0 delivered@1000 read@2000";
  assert.ok(agree(truth, "new delivered read"));
  assert.ok(!agree(truth, "new delivered"));
  assert.ok(!agree(truth, "delivered read"));
  assert.ok(!agree(truth, "new delivered read read"));
  assert.ok(!agree(truth, "new delivered read content"));
  assert.ok(!agree(truth, "new read delivered"));
  assert.ok(!agree("", "new"));
});

test("changes of a kind that nobody could read one by one may come as one", () => {
  const truth = "new@0 content@1000 content@1500 content@3000";
  const blind: Sight = { ...looking, momentMs: 0, blind: [{ fromMs: 900, toMs: 2_000 }] };
  assert.ok(agree(truth, "new content content", blind));
  assert.ok(agree(truth, "new content content content", blind));
  assert.ok(!agree(truth, "new content", blind));
  assert.ok(!agree(truth, "new content content", looking));
});

test("a row first seen later is told once, with all that happened until then", () => {
  const blind: Sight = { ...looking, momentMs: 0, blind: [{ fromMs: 0, toMs: 2_000 }] };
  assert.ok(agree("new@100 content@200 read@300", "new", blind));
  assert.ok(agree("new@100 content@200 read@3000", "new read", blind));
  assert.ok(!agree("new@100 content@200 read@3000", "new", blind));
});

test("a row that came and went unseen need not be told, one that was seen must be told gone", () => {
  const blind: Sight = { ...looking, momentMs: 0, blind: [{ fromMs: 900, toMs: 2_000 }] };
  assert.ok(agree("new@1000 deleted@1500", "", blind));
  assert.ok(agree("new@0 content@1000 deleted@1500", "new deleted", blind));
  assert.ok(!agree("new@0 deleted@1500", "new", blind));
});

test("what was undone unseen need not be told", () => {
  const blind: Sight = { ...looking, momentMs: 0, blind: [{ fromMs: 900, toMs: 2_000 }] };
  assert.ok(agree("new@0 name@500=a name@1000=b name@1500=a", "new name", blind));
  assert.ok(!agree("new@0 name@500=a name@1000=b name@1500=c", "new name", blind));
});

test("a change of chats that is read together with a move to Recently Deleted need not be told", () => {
  assert.ok(agree("new@0 chats@1000 recently-deleted@1040", "new recently-deleted"));
  assert.ok(agree("new@0 chats@1000 recently-deleted@1040", "new chats recently-deleted"));
  assert.ok(!agree("new@0 chats@1000 recently-deleted@1040", "new chats"));
  assert.ok(!agree("new@0 chats@1000 recently-deleted@5000", "new recently-deleted"));
});

test("unjoined is no news to a person, joined is their first sight of it", () => {
  assert.ok(agree("new@5000", "unjoined joined"));
  assert.ok(!agree("new@5000", "unjoined"));
});

test("what happens to an attachment while its message is first read, or goes, need not be told", () => {
  const [life] = story("new@1000");
  const [ready] = story("ready@1010").map((change) => ({ ...change, subject: "attachment" }));
  const [later] = story("ready@2000").map((change) => ({ ...change, subject: "attachment" }));
  if (life === undefined || ready === undefined || later === undefined) assert.fail("a story has a change");
  assert.deepEqual(disagreements([life, ready], told("new"), looking), []);
  assert.equal(disagreements([life, later], told("new"), looking).length, 1);
});

test("what was committed just before a database left its path for ever may be lost, nothing earlier and nothing of the next", () => {
  const left: Sight = { ...looking, departuresMs: [5_000] };
  assert.ok(agree("new@4600", "", left));
  assert.ok(agree("new@4600", "new", left));
  assert.ok(agree("new@1000 read@4600", "new", left));
  assert.ok(!agree("new@4600", "new new", left));
  assert.ok(!agree("new@4400", "", left));
  assert.ok(!agree("new@5100", "", left));
  assert.ok(!agree("new@4600 read@6000", "read", left));
});
