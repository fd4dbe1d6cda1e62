import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { test } from "node:test";
import { SeededRandom, temporaryDirectory } from "@imesh/testing";
import { appleNs } from "../fixtures/chat-db-fixture.ts";
import { bodyOf, LIBRARY_START_MS, MessageLibrary } from "../fixtures/message-library.ts";
import { ReadStage } from "../fixtures/read-stage.ts";
import { messageBytes } from "./message-size.ts";
import type { MessageListRequest, PagePosition, PrintPage, SearchRequest } from "./reads.ts";
import { searchWords } from "./search-words.ts";

const TIMEOUT = { timeout: 120_000 };

const LIST: MessageListRequest = {
  chatGuid: undefined,
  order: "newest-first",
  fromDate: undefined,
  untilDate: undefined,
  messagesMax: 500,
  after: undefined,
};

/** A library and the reads over it. */
async function withLibrary(run: (stage: ReadStage, library: MessageLibrary) => Promise<void>): Promise<void> {
  await using home = await temporaryDirectory();
  using library = MessageLibrary.create(home.file("chat.db"));
  await using stage = new ReadStage(library.path);
  await run(stage, library);
}

/** All of a listing, page after page; `between` runs after each. */
async function listed(
  stage: ReadStage,
  request: Partial<MessageListRequest>,
  between: (page: number) => void = () => {},
): Promise<bigint[][]> {
  const pages: bigint[][] = [];
  let after: PagePosition | undefined;
  do {
    const page = await stage.reads.listMessages({ ...LIST, ...request, after }, stage.call());
    pages.push(page.messages.map(({ rowid }) => rowid));
    after = page.next;
    between(pages.length);
  } while (after !== undefined);
  return pages;
}

function range(first: number, last: number): bigint[] {
  const step = first <= last ? 1 : -1;
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, index) => BigInt(first + index * step));
}

test("listMessages() gives a chat or all, in both orders, within a time, page by page", TIMEOUT, async () => {
  await withLibrary(async (stage, library) => {
    library.write(600);
    library.write(5, () => ({}), 2);
    assert.deepEqual(await listed(stage, { messagesMax: 500 }), [range(605, 106), range(105, 1)]);
    assert.deepEqual(await listed(stage, { order: "oldest-first", messagesMax: 605 }), [range(1, 605)]);
    assert.deepEqual(await listed(stage, { chatGuid: "any;+;chat2", messagesMax: 2 }), [
      [605n, 604n],
      [603n, 602n],
      [601n],
    ]);
    const within = {
      fromDate: appleNs(LIBRARY_START_MS + 9_000),
      untilDate: appleNs(LIBRARY_START_MS + 12_000),
    };
    assert.deepEqual(await listed(stage, { ...within, order: "oldest-first" }), [[10n, 11n, 12n]]);
    assert.deepEqual(await listed(stage, { fromDate: within.untilDate, untilDate: within.fromDate }), [[]]);
    await assert.rejects(listed(stage, { chatGuid: "any;-;nobody" }), {
      name: "ReadRefusal",
      code: "chat-not-found",
    });
  });
});

test(
  "pages stay whole while messages arrive, vanish and come late: none twice, none lost",
  TIMEOUT,
  async () => {
    const random = SeededRandom.fromEnvironment("pages");
    for (const order of ["newest-first", "oldest-first"] as const) {
      await withLibrary(async (stage, library) => {
        // Many of one date, so that only the ROWID tells them apart.
        const rowids = library.write(300, (index) => ({
          date: appleNs(LIBRARY_START_MS + Math.floor(index / 7)),
        }));
        const removed = new Set<bigint>();
        const pages = await listed(stage, { order, chatGuid: "any;-;+15550001", messagesMax: 23 }, () => {
          library.write(3, () => ({ date: appleNs(LIBRARY_START_MS + random.integer(-50, 90)) }));
          const victim = random.pick(rowids);
          removed.add(victim);
          library.fixture.remove(victim);
        });
        const seen = pages.flat();
        assert.equal(new Set(seen).size, seen.length, "none twice");
        const expected = rowids.filter((rowid) => !removed.has(rowid));
        assert.deepEqual(
          expected.filter((rowid) => !seen.includes(rowid)),
          [],
          "none lost",
        );
        const known = seen.filter((rowid) => rowid <= 300n);
        const sorted = known.toSorted((left, right) =>
          Number(order === "newest-first" ? right - left : left - right),
        );
        assert.deepEqual(known, sorted);
      });
    }
  },
);

test("an answer has at most 3 MiB; the rest comes with the next page", TIMEOUT, async () => {
  await withLibrary(async (stage, library) => {
    library.write(10, (index) => ({ text: `${index} ${"x".repeat(1_000_000)}` }));
    const sizes: number[] = [];
    let after: PagePosition | undefined;
    do {
      const page = await stage.reads.listMessages({ ...LIST, after }, stage.call());
      sizes.push(page.messages.length);
      const bytes = page.messages.reduce((sum, message) => sum + messageBytes(message), 0);
      assert(bytes <= 3 * 1_024 * 1_024);
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(sizes, [3, 3, 3, 1]);
    const found = await stage.reads.search(
      { ...LIST, words: ["xxx"], messagesMax: 100, after: undefined },
      stage.call(),
    );
    assert.deepEqual([found.messages.length, found.searched], [3, 3]);
  });
});

test("message(), chat() and attachment() find one row by its name, whole", TIMEOUT, async () => {
  await withLibrary(async (stage, library) => {
    const [rowid = 0n] = library.write(1, () => ({
      attributedBody: bodyOf("y".repeat(40_000)),
      subject: "s",
    }));
    const userInfo = Buffer.from("info");
    library.attach(rowid, { guid: "at_0_G", original_guid: "G", filename: "~/a.jpg", user_info: userInfo });
    const call = stage.call();
    const message = await stage.reads.message({ kind: "guid", guid: "GUID-1" }, call);
    assert(message !== undefined);
    assert.deepEqual(message, await stage.reads.message({ kind: "rowid", rowid }, call));
    assert(
      Buffer.isBuffer(message.attributedBody) && message.attributedBody.equals(bodyOf("y".repeat(40_000))),
    );
    assert.deepEqual(
      [message.sender?.address, message.chats[0]?.guid, message.subject],
      ["+15550001", "any;-;+15550001", "s"],
    );
    const attachment = await stage.reads.attachment("at_0_G", call);
    assert(Buffer.isBuffer(attachment?.userInfo));
    assert.deepEqual(attachment.userInfo, userInfo);
    assert.deepEqual(message.attachments, [attachment]);
    assert.deepEqual(await stage.reads.attachment("G", call), attachment, "by its first guid too");
    library.fixture.db.prepare("UPDATE chat SET properties = ? WHERE ROWID = 2").run(Buffer.from("plist"));
    const chat = await stage.reads.chat("any;+;chat2", call);
    assert.deepEqual(
      [chat?.chat.displayName, chat?.chat.properties, chat?.participants.length],
      ["Lunch", Buffer.from("plist"), 2],
    );
    const missing = await Promise.all([
      stage.reads.message({ kind: "guid", guid: "GUID-2" }, call),
      stage.reads.message({ kind: "rowid", rowid: 99n }, call),
      stage.reads.chat("any;-;nobody", call),
      stage.reads.attachment("none", call),
    ]);
    assert.deepEqual(missing, Array(4).fill(undefined));
  });
});

test("listChats() gives all chats by their newest message, page by page", TIMEOUT, async () => {
  await withLibrary(async (stage, library) => {
    library.fixture.db.transaction(() => {
      const insert = library.fixture.db.prepare(
        "INSERT INTO chat (guid, style, chat_identifier) VALUES (?, 45, '')",
      );
      for (let chat = 3; chat <= 400; chat += 1) insert.run(`any;-;${chat}`);
    })();
    for (const chat of [7, 2]) library.write(1, () => ({}), chat);
    const rowids: bigint[] = [];
    let after: PagePosition | undefined;
    let pages = 0;
    do {
      const page = await stage.reads.listChats({ chatsMax: 300, after }, stage.call());
      rowids.push(...page.chats.map(({ chat }) => chat.rowid));
      after = page.next;
      pages += 1;
    } while (after !== undefined);
    const others = range(400, 1).filter((rowid) => rowid !== 2n && rowid !== 7n);
    assert.deepEqual([rowids, pages], [[2n, 7n, ...others], 2]);
  });
});

test(
  "search() finds words in text and in bodies, newest first, and goes on where it stopped",
  TIMEOUT,
  async () => {
    await withLibrary(async (stage, library) => {
      library.write(45_000, (index) => {
        if (index === 44_990) return { text: null, attributedBody: bodyOf("Dinner at the CAFE\u0301, noon") };
        if (index === 44_991) return { text: "", attributedBody: Buffer.from("no typedstream") };
        if (index === 10) return { text: "the Café was closed at Noon" };
        return index % 2 === 0 ? {} : { text: null, attributedBody: bodyOf(`plain ${index}`) };
      });
      const found: bigint[] = [];
      const request: SearchRequest = { ...LIST, words: searchWords("noon café") ?? [], messagesMax: 20 };
      let after: PagePosition | undefined;
      let searched = 0;
      let calls = 0;
      let through: bigint | undefined;
      do {
        const page = await stage.reads.search({ ...request, after }, stage.call());
        assert(page.searched <= 20_000);
        found.push(...page.messages.map(({ rowid }) => rowid));
        searched += page.searched;
        through = page.searchedThroughDate;
        after = page.next;
        calls += 1;
      } while (after !== undefined);
      assert.deepEqual([found, searched, through], [[44_991n, 11n], 45_000, appleNs(LIBRARY_START_MS)]);
      assert(calls >= 3);
      const none = await stage.reads.search({ ...request, chatGuid: "any;+;chat2" }, stage.call());
      assert.deepEqual(none, { messages: [], next: undefined, searched: 0, searchedThroughDate: undefined });
    });
  },
);

test("prints come in bulk, in both directions, to the end", TIMEOUT, async () => {
  await withLibrary(async (stage, library) => {
    library.write(2_500, (index) => ({ attributedBody: bodyOf(`body ${index}`) }));
    library.attach(3n, { guid: "at_0_G", original_guid: "G" });
    const { signal } = stage.call();
    const all = async (
      read: (rowid: bigint) => Promise<PrintPage<{ readonly rowid: bigint }>>,
      from: bigint,
    ): Promise<bigint[]> => {
      const rowids: bigint[] = [];
      for (let page = await read(from); ; page = await read(rowids.at(-1) ?? from)) {
        rowids.push(...page.prints.map(({ rowid }) => rowid));
        assert.deepEqual([page.databaseUid, page.headRowid], ["UID-A", 2_500n]);
        if (page.isEnd) return rowids;
      }
    };
    const { reads } = stage;
    const asked = { limit: 1_000, content: true };
    assert.deepEqual(
      await all((rowid) => reads.messagePrintsAfter({ ...asked, rowid }, signal), 0n),
      range(1, 2_500),
    );
    assert.deepEqual(
      await all((rowid) => reads.messagePrintsBefore({ ...asked, rowid, content: false }, signal), 1_501n),
      range(1_500, 1),
    );
    assert.deepEqual(await all((rowid) => reads.chatPrintsAfter({ ...asked, rowid }, signal), 0n), [1n, 2n]);
    assert.deepEqual(await all((rowid) => reads.attachmentPrintsAfter({ ...asked, rowid }, signal), 0n), [
      1n,
    ]);
    const page = await reads.messagePrintsAfter({ rowid: 0n, limit: 1, content: true }, signal);
    assert.equal(typeof page.prints[0]?.content, "number");
    const bytesOnly = await reads.messagePrintsAfter({ rowid: 0n, limit: 1, content: false }, signal);
    assert.equal(bytesOnly.prints[0]?.content, undefined);
  });
});

test(
  "a position is worth nothing in another database, and the thread reads what is there now",
  TIMEOUT,
  async () => {
    await using home = await temporaryDirectory();
    using library = MessageLibrary.create(home.file("chat.db"));
    library.write(10);
    await using stage = new ReadStage(library.path);
    const page = await stage.reads.listMessages({ ...LIST, messagesMax: 4 }, stage.call());
    using other = MessageLibrary.create(home.file("other.db"));
    other.write(3);
    other.fixture.db
      .prepare("UPDATE _SqliteDatabaseProperties SET value = 'UID-B' WHERE key = '_UniqueIdentifier'")
      .run();
    other.fixture.db.pragma("wal_checkpoint(TRUNCATE)");
    library[Symbol.dispose]();
    for (const suffix of ["", "-wal", "-shm"]) {
      await rename(home.file(`chat.db${suffix}`), home.file(`old.db${suffix}`)).catch(() => {});
    }
    for (const suffix of ["", "-wal", "-shm"]) {
      await rename(home.file(`other.db${suffix}`), home.file(`chat.db${suffix}`)).catch(() => {});
    }
    await assert.rejects(stage.reads.listMessages({ ...LIST, after: page.next }, stage.call()), {
      name: "ReadRefusal",
      code: "position-stale",
    });
    assert.deepEqual(await listed(stage, {}), [range(3, 1)]);
  },
);

test("a database that is not there is a typed error, and is read once it is", TIMEOUT, async () => {
  await using home = await temporaryDirectory();
  await using stage = new ReadStage(home.file("chat.db"));
  await assert.rejects(listed(stage, {}), { name: "ChatDbError", code: "not-found" });
  using library = MessageLibrary.create(home.file("chat.db"));
  library.write(2);
  assert.deepEqual(await listed(stage, {}), [[2n, 1n]]);
});
