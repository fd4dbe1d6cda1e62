import assert from "node:assert/strict";
import { test } from "node:test";
import { type GetMessageRequest, type ListMessagesRequest, SortOrder } from "@imesh/contracts/broker/v1";
import { LIBRARY_START_MS } from "../fixtures/message-library.ts";
import { failure, LIST, startServedBroker } from "../fixtures/served-broker.ts";

const TIMEOUT = { timeout: 60_000 };

test("ListMessages: defaults, bounds, pages and what is refused", TIMEOUT, async () => {
  await using broker = await startServedBroker();
  const { client, library } = broker;
  library.write(620);
  const sizes = [];
  for (const pageSize of [0, 7, 501]) {
    sizes.push((await client.call("listMessages", { ...LIST, pageSize })).messages.length);
  }
  assert.deepEqual(sizes, [50, 7, 500]);
  const first = await client.call("listMessages", LIST);
  assert.deepEqual(
    [
      first.messages[0]?.rowid,
      first.messages[0]?.guid,
      first.messages[0]?.reason,
      first.messages[0]?.sequence,
    ],
    [620n, "GUID-620", 0, 0n],
  );
  const oldest = { ...LIST, order: SortOrder.OLDEST_FIRST, pageSize: 2, chatGuid: "any;-;+15550001" };
  const startTime = { seconds: BigInt(LIBRARY_START_MS / 1_000), nanos: 1 };
  const page = await client.call("listMessages", { ...oldest, startTime });
  assert.deepEqual(
    page.messages.map(({ rowid }) => rowid),
    [2n, 3n],
  );
  const pageToken = page.nextPageToken;
  const next = await client.call("listMessages", { ...oldest, startTime, pageSize: 1, pageToken });
  assert.deepEqual(
    next.messages.map(({ rowid }) => rowid),
    [4n],
  );
  const call = (request: Partial<ListMessagesRequest>) =>
    failure(client.call("listMessages", { ...oldest, startTime, ...request }));
  const wrongToken = "INVALID_ARGUMENT PAGE_TOKEN_INVALID page_token";
  assert.equal(await call({ pageToken, order: SortOrder.NEWEST_FIRST }), wrongToken);
  assert.equal(await call({ pageToken, chatGuid: "" }), wrongToken);
  assert.equal(await call({ pageToken, startTime: undefined }), wrongToken);
  assert.equal(await call({ pageToken: "x" }), wrongToken);
  assert.equal(await failure(client.call("listChats", { pageSize: 0, pageToken })), wrongToken);
  assert.equal(await call({ chatGuid: "any;-;nobody" }), "NOT_FOUND CHAT_NOT_FOUND");
  const wrong = {
    pageSize: -1,
    chatGuid: "x".repeat(1_025),
    order: 9 as never,
    endTime: { seconds: 0n, nanos: -1 },
  } as const;
  assert.equal(
    await call(wrong as never),
    "INVALID_ARGUMENT INVALID_ARGUMENT chat_guid end_time order page_size",
  );
});

test("GetMessage, GetChat and ListAccounts: one row, or why not", TIMEOUT, async () => {
  await using broker = await startServedBroker();
  const { client, library } = broker;
  library.write(2, () => ({ account: "E:me@example.com", destination_caller_id: "+15550009" }));
  const { message } = await client.call("getMessage", { name: { $case: "guid", value: "GUID-2" } });
  const again = await client.call("getMessage", { name: { $case: "rowid", value: 2n } });
  assert.deepEqual(again.message, message);
  assert.deepEqual(
    [message?.text, message?.sender?.address, message?.isOversized],
    ["message 2", "+15550001", false],
  );
  const of = (name: GetMessageRequest["name"]) => failure(client.call("getMessage", { name }));
  assert.equal(await of(undefined), "INVALID_ARGUMENT INVALID_ARGUMENT name");
  assert.equal(await of({ $case: "guid", value: "" }), "INVALID_ARGUMENT INVALID_ARGUMENT guid");
  assert.equal(await of({ $case: "guid", value: "none" }), "NOT_FOUND MESSAGE_NOT_FOUND");
  assert.equal(await of({ $case: "rowid", value: -5n }), "NOT_FOUND MESSAGE_NOT_FOUND");
  library.fixture.db
    .prepare("UPDATE chat SET properties = ?, state = 3 WHERE ROWID = 2")
    .run(Buffer.from("plist"));
  const { chat } = await client.call("getChat", { guid: "any;+;chat2" });
  assert.deepEqual(
    [chat?.chat?.displayName, chat?.chat?.properties, chat?.chat?.state, chat?.participants.length],
    ["Lunch", Buffer.from("plist"), 3, 2],
  );
  const listed = await client.call("listChats", { pageSize: 1, pageToken: "" });
  assert.deepEqual(
    [listed.chats[0]?.chat?.guid, listed.chats[0]?.chat?.properties, listed.nextPageToken === ""],
    ["any;-;+15550001", undefined, false],
  );
  assert.equal(await failure(client.call("getChat", { guid: "" })), "INVALID_ARGUMENT INVALID_ARGUMENT guid");
  assert.equal(await failure(client.call("getChat", { guid: "none" })), "NOT_FOUND CHAT_NOT_FOUND");
  assert.deepEqual((await client.call("listAccounts", {})).accounts, [
    { login: "E:me@example.com", addresses: ["+15550009"], services: ["iMessage"] },
  ]);
});

test("SearchMessages: what was found, how far it looked, and queries that are refused", TIMEOUT, async () => {
  await using broker = await startServedBroker();
  const { client, library } = broker;
  library.write(30);
  const search = { ...LIST, query: "MESSAGE 3" };
  const found = await client.call("searchMessages", { ...search, pageSize: 2 });
  assert.deepEqual(
    found.messages.map(({ rowid }) => rowid),
    [30n, 23n],
  );
  assert.deepEqual(
    [found.messagesSearched, found.searchedThroughTime],
    [8, { seconds: BigInt(LIBRARY_START_MS / 1_000 + 22), nanos: 0 }],
  );
  const rest = await client.call("searchMessages", { ...search, pageToken: found.nextPageToken });
  assert.deepEqual(
    [rest.messages.map(({ rowid }) => rowid), rest.messagesSearched, rest.nextPageToken],
    [[13n, 3n], 22, ""],
  );
  const call = (query: string, pageToken = "") =>
    failure(client.call("searchMessages", { ...search, query, pageToken }));
  for (const query of ["", " ", "1 2 3 4 5 6 7 8 9", "x".repeat(257)]) {
    assert.equal(await call(query), "INVALID_ARGUMENT INVALID_ARGUMENT query");
  }
  assert.equal(
    await call("message 2", found.nextPageToken),
    "INVALID_ARGUMENT PAGE_TOKEN_INVALID page_token",
  );
});
