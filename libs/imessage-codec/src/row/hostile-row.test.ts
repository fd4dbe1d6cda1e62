import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAttributedBody } from "../attributed/encode-attributed-body.ts";
import { messageRun } from "../attributed/message-run.ts";
import { decodeContentChange } from "../decode-content-change.ts";
import { decodeMessageRow } from "../decode-message-row.ts";
import { messageOf } from "../fixtures/decoded-rows.ts";
import { messageRow } from "../fixtures/message-row-fixture.ts";

test("a date that is none is null, and a future one is a date", () => {
  const dates: readonly (readonly [bigint | null, bigint | null])[] = [
    [null, null],
    [0n, null],
    [-1n, null],
    [-(2n ** 63n), null],
    [2n ** 63n - 1n, null],
    [2n ** 64n - 1n, null],
    [657_208_635n, 1_635_515_835_000_000_000n],
    [657_208_635_075_000_001n, 1_635_515_835_075_000_001n],
    [3_000_000_000_000_000_000n, 3_978_307_200_000_000_000n],
  ];
  for (const [date, sentAtUnixNs] of dates) {
    assert.equal(messageOf({ text: "x", date }).sentAtUnixNs, sentAtUnixNs, String(date));
    const change = decodeContentChange(messageRow({ text: "x", dateEdited: date }));
    assert.equal(change.editedAtUnixNs, sentAtUnixNs, String(date));
  }
});

test("numbers outside of every range are an unknown kind, never an error", () => {
  const numbers = [-(2 ** 53), -1, 0.5, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY];
  const fields = [
    "itemType",
    "associatedMessageType",
    "groupActionType",
    "shareStatus",
    "messageActionType",
    "scheduleType",
    "partCount",
    "error",
  ] as const;
  for (const field of fields) {
    for (const number of numbers) {
      for (const itemType of [0, 1, 2, 3, 4, 5]) {
        const row = messageRow({ itemType, text: "x", associatedMessageGuid: "A", [field]: number });
        const decoded = decodeMessageRow(row);
        assert.ok(
          decoded.kind !== "undecodable" || decoded.reason !== "decoder-failed",
          `${field} ${number}`,
        );
      }
    }
  }
});

test("100 kB of text and 1,000 runs are a message like any other", () => {
  const text = "Zwölf Boxkämpfer jagen Viktor. ".repeat(3_200);
  const long = messageOf({ attributedBody: encodeAttributedBody({ text }), text });
  assert.deepEqual([long.text, long.bodySource, long.parts.length], [text, "both-agree", 1]);
  const runs = Array.from({ length: 1_000 }, (_, part) => messageRun(2, { part, styles: ["bold"] }));
  const many = messageOf({ attributedBody: encodeAttributedBody({ text: "ab".repeat(1_000), runs }) });
  assert.deepEqual([many.parts.length, many.entities.length], [1_000, 1_000]);
});

test("a body that is no UTF-8 falls back to the column, with the reason", () => {
  const body = encodeAttributedBody({ text: "abc" });
  const at = body.findIndex(
    (byte, index) => byte === 0x61 && body[index + 1] === 0x62 && body[index + 2] === 0x63,
  );
  for (const bytes of [
    [0xff, 0x62, 0x63],
    [0xed, 0xa0, 0x80],
    [0xc0, 0x80, 0x63],
    [0x61, 0x62, 0xc3],
  ]) {
    const attributedBody = body.slice();
    attributedBody.set(bytes, at);
    const fallback = messageOf({ attributedBody, text: "column" });
    assert.deepEqual([fallback.text, fallback.bodyFault], ["column", { code: "invalid-utf8", offset: null }]);
    const alone = decodeMessageRow(messageRow({ attributedBody }));
    assert.equal(alone.kind === "undecodable" && alone.reason, "invalid-utf8");
  }
});
