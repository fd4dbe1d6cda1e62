import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import { bodyOf, MessageLibrary } from "../fixtures/message-library.ts";
import { PAGE_MS_MAX, PAGE_ROWS_MAX } from "./page-budget.ts";
import type { PageAnswer, PageKind, PageRequest } from "./reader-protocol.ts";
import { ReaderSession } from "./reader-session.ts";

/** A clock on which everything takes a millisecond that asks for the time, or no time at all. */
class TiringClock extends FakeClock {
  stepMs = 0;
  #nowMs = 0;

  override monotonicMs(): number {
    this.#nowMs += this.stepMs;
    return this.#nowMs;
  }
}

const LIST = {
  chatGuid: undefined,
  order: "newest-first",
  fromDate: undefined,
  untilDate: undefined,
  messagesMax: 500,
  after: undefined,
  bytesMax: 3_000_000,
  isFirst: true,
} as const;

function answer<Kind extends PageKind>(
  session: ReaderSession,
  kind: Kind,
  request: PageRequest<Kind>,
): PageAnswer<Kind> {
  const { outcome } = session.read({ kind, request } as never);
  assert(outcome.kind === "answer", "a page is answered");
  return outcome.answer as PageAnswer<Kind>;
}

test("a page ends at its rows or when its time is up, whichever is first, and the next goes on there", async () => {
  await using home = await temporaryDirectory();
  using library = MessageLibrary.create(home.file("chat.db"));
  library.write(2_000, (index) => ({ text: null, attributedBody: bodyOf(`body ${index}`) }));
  const clock = new TiringClock();
  using session = new ReaderSession(library.path, clock, () => false);
  const prints = { rowid: 0n, limit: 1_000, content: true };
  const search = { ...LIST, words: ["nowhere"], searchedMax: 20_000 };
  assert.deepEqual(
    [
      answer(session, "message-list", LIST).messages.length,
      answer(session, "search", search).searched,
      answer(session, "message-prints-after", prints).prints.length,
    ],
    [PAGE_ROWS_MAX, 1_000, 1_000],
  );
  clock.stepMs = 1;
  const short = answer(session, "message-list", LIST);
  assert(short.messages.length >= 1 && short.messages.length <= PAGE_MS_MAX);
  const next = answer(session, "message-list", { ...LIST, after: short.next });
  assert.equal(next.messages[0]?.rowid, (short.messages.at(-1)?.rowid ?? 0n) - 1n);
  assert(answer(session, "search", search).searched <= PAGE_MS_MAX);
  clock.stepMs = PAGE_MS_MAX;
  const page = answer(session, "message-prints-after", prints);
  assert.deepEqual([page.prints.length, page.isEnd], [128, false]);
});

test("a reply counts its read transactions and statements, and says what went wrong instead of throwing", async () => {
  await using home = await temporaryDirectory();
  using session = new ReaderSession(home.file("chat.db"), new FakeClock(), () => false);
  const missing = session.read({ kind: "accounts", request: {} });
  assert(missing.outcome.kind === "fault" && missing.outcome.fault.kind === "unreadable");
  assert.deepEqual([missing.outcome.fault.code, missing.readsMs], ["not-found", []]);
  using library = MessageLibrary.create(home.file("chat.db"));
  library.write(1);
  session.read({ kind: "message", request: { name: { kind: "rowid", rowid: 1n } } });
  const reply = session.read({ kind: "message", request: { name: { kind: "rowid", rowid: 1n } } });
  assert.deepEqual([reply.outcome.kind, reply.readsMs], ["answer", [0]]);
  assert(reply.statements >= 4 && reply.statements <= 12, `${reply.statements} statements for one row`);
  const bug = session.read({ kind: "no such page", request: {} } as never);
  assert(bug.outcome.kind === "fault" && bug.outcome.fault.kind === "bug" && bug.outcome.fault.isAssertion);
});
