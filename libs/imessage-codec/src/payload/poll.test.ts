import assert from "node:assert/strict";
import { test } from "node:test";
import { base64, pollUrl } from "./fixtures/payloads.ts";
import { decodePollUrl } from "./poll.ts";

const OPTION = {
  optionIdentifier: "A",
  text: "Pizza",
  attributedText: "Pizza",
  creatorHandle: "me",
  canBeEdited: false,
};
const VOTE = {
  voteOptionIdentifier: "A",
  participantHandle: "mailto:a@example.com",
  serverVoteTime: 800_000_000.5,
};
const POLL = {
  version: 1,
  item: {
    title: "Lunch?",
    creatorHandle: "me",
    orderedPollOptions: [OPTION, { optionIdentifier: "B", attributedText: "Sushi 🍣" }],
  },
};

function encoded(text: string): string {
  return `data:,${base64(new TextEncoder().encode(text))}`;
}

test("decodePollUrl() reads a poll", () => {
  assert.deepEqual(decodePollUrl(pollUrl(POLL)), {
    kind: "poll",
    poll: {
      version: 1,
      title: "Lunch?",
      creatorHandle: "me",
      options: [
        { identifier: "A", text: "Pizza", creatorHandle: "me" },
        { identifier: "B", text: "Sushi 🍣", creatorHandle: null },
      ],
      votes: [],
    },
  });
});

test("decodePollUrl() reads votes, also none, and those inside a poll", () => {
  const vote = {
    optionIdentifier: "A",
    participantHandle: "mailto:a@example.com",
    secondsSince2001: 800_000_000.5,
  };
  assert.deepEqual(decodePollUrl(pollUrl({ item: { votes: [VOTE] } })), {
    kind: "votes",
    version: 1,
    votes: [vote],
  });
  assert.deepEqual(decodePollUrl(pollUrl({ version: 2, item: { votes: [] } })), {
    kind: "votes",
    version: 2,
    votes: [],
  });
  const both = decodePollUrl(pollUrl({ item: { ...POLL.item, votes: [VOTE] } }));
  assert.deepEqual(both.kind === "poll" && both.poll.votes, [vote]);
});

test("decodePollUrl() reads URLs without a query, without padding, and escaped", () => {
  const content = decodePollUrl(pollUrl(POLL));
  const plain = pollUrl(POLL).replace("?src=p&c=2", "");
  assert.deepEqual(decodePollUrl(plain), content);
  assert.deepEqual(decodePollUrl(plain.replaceAll("=", "")), content);
  assert.deepEqual(
    decodePollUrl(plain.replaceAll("=", "%3D").replaceAll("/", "%2f").replaceAll("+", "%2B")),
    content,
  );
});

test("decodePollUrl() reads the URL-safe alphabet", () => {
  const poll = { item: { orderedPollOptions: [{ optionIdentifier: "A", text: "~~~???" }] } };
  const url = pollUrl(poll).replace("?src=p&c=2", "");
  const base64InUrl = url.slice("data:,".length);
  const urlSafe = base64InUrl.replaceAll("+", "-").replaceAll("/", "_");
  assert.notEqual(urlSafe, base64InUrl);
  assert.deepEqual(decodePollUrl(`data:,${urlSafe}`), decodePollUrl(url));
  assert.deepEqual(decodePollUrl(`data:,${urlSafe.replaceAll("=", "")}?src=p&c=1`), decodePollUrl(url));
  assert.throws(() => decodePollUrl(`data:,${urlSafe}+`), { code: "poll-base64" });
});

test("decodePollUrl() says how far it could read", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["https://example.com/", "poll-url"],
    ["data:application/json;base64,e30=", "poll-url"],
    ["data:,", "poll-base64"],
    ["data:,?src=p", "poll-base64"],
    ["data:,e3", "poll-base64"],
    ["data:,{}", "poll-base64"],
    ["data:,/w==", "poll-json"],
    [encoded("{"), "poll-json"],
    [encoded("\uFEFF{}"), "poll-json"],
    [encoded("[".repeat(190_000)), "poll-json"],
    [encoded(`${"[".repeat(90_000)}${"]".repeat(90_000)}`), "poll-shape"],
    [pollUrl(null), "poll-shape"],
    [pollUrl([]), "poll-shape"],
    [pollUrl({}), "poll-shape"],
    [pollUrl({ item: [] }), "poll-shape"],
    [pollUrl({ item: {} }), "poll-shape"],
    [pollUrl({ ...POLL, version: "1" }), "poll-shape"],
    [pollUrl({ ...POLL, version: 1.5 }), "poll-shape"],
    [pollUrl({ item: { orderedPollOptions: {} } }), "poll-shape"],
    [pollUrl({ item: { orderedPollOptions: [null] } }), "poll-shape"],
    [pollUrl({ item: { orderedPollOptions: [{ text: "A" }] } }), "poll-shape"],
    [pollUrl({ item: { orderedPollOptions: [{ optionIdentifier: "A" }] } }), "poll-shape"],
    [pollUrl({ item: { orderedPollOptions: [{ ...OPTION, text: 1 }] } }), "poll-shape"],
    [pollUrl({ item: { orderedPollOptions: [OPTION, OPTION] } }), "poll-shape"],
    [
      pollUrl({
        item: {
          orderedPollOptions: Array.from({ length: 257 }, (_, index) => ({
            ...OPTION,
            optionIdentifier: `${index}`,
          })),
        },
      }),
      "poll-shape",
    ],
    [pollUrl({ item: { ...POLL.item, title: 7 } }), "poll-shape"],
    [pollUrl({ item: { ...POLL.item, creatorHandle: {} } }), "poll-shape"],
    [pollUrl({ item: { votes: [{ ...VOTE, participantHandle: "" }] } }), "poll-shape"],
    [pollUrl({ item: { votes: [{ ...VOTE, voteOptionIdentifier: 1 }] } }), "poll-shape"],
    [pollUrl({ item: { votes: [{ ...VOTE, serverVoteTime: "now" }] } }), "poll-shape"],
    [pollUrl({ item: { votes: Array.from({ length: 4097 }, () => VOTE) } }), "poll-shape"],
  ];
  for (const [url, code] of cases) {
    assert.throws(() => decodePollUrl(url), { name: "PayloadError", code, offset: null }, url.slice(0, 80));
  }
});

test("names that mean something in JavaScript mean nothing here", () => {
  const json = encoded('{"item":{"__proto__":{"orderedPollOptions":[]},"constructor":{}}}');
  assert.throws(() => decodePollUrl(json), { code: "poll-shape" });
});
