import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttachmentRef } from "@imesh/imessage-model";
import { decodeAttachment } from "./decode-attachment.ts";
import { attachmentRef, decodedPicture } from "./fixtures/attachment-ref-fixture.ts";
import { summaryBytes } from "./summary-info/fixtures/summary-literals.ts";

function decode(columns: Partial<AttachmentRef>) {
  return decodeAttachment(attachmentRef(columns));
}

test("decodeAttachment() reads a whole row, and one that says nothing", () => {
  assert.deepEqual(decode({}), decodedPicture());
  assert.deepEqual(
    decode({
      transferName: null,
      mimeType: "",
      uti: null,
      totalBytes: -1n,
      transferState: 99,
      filename: null,
    }),
    decodedPicture({ name: null, mimeType: null, uti: null, totalBytes: 0n, state: "unknown" }),
  );
  const flags = { isSticker: true, hideAttachment: true, emojiImageShortDescription: "a cat with a hat" };
  assert.deepEqual(
    decode(flags),
    decodedPicture({ isSticker: true, isHidden: true, description: "a cat with a hat" }),
  );
});

test("decodeAttachment() names every transfer state", () => {
  assert.deepEqual(
    [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8].map((transferState) => decode({ transferState }).state),
    [
      "unknown",
      "archived",
      "waiting",
      "transferring",
      "transferring",
      "transferring",
      "transferring",
      "ready",
      "failed",
      "failed",
      "unknown",
    ],
  );
});

test("decodeAttachment() leaves no directory in a name", () => {
  const names: readonly (readonly [string, string | null])[] = [
    ["/etc/passwd", "passwd"],
    ["../../x", "x"],
    ["C:\\a\\b.txt", "b.txt"],
    ["a/", null],
    ["..", null],
    [".", null],
    ["", null],
    ["x".repeat(2_000), "x".repeat(1_024)],
    [`${"x".repeat(1_023)}\u{1f9f5}`, "x".repeat(1_023)],
  ];
  assert.deepEqual(
    names.map(([transferName]) => decode({ transferName }).name),
    names.map(([, name]) => name),
  );
});

test("decodeAttachment() finds the transcript, and does without a broken one", () => {
  const transcriptOf = (userInfo: Uint8Array | null) => decode({ userInfo }).transcript;
  assert.equal(transcriptOf(summaryBytes({ "audio-transcription": "See you", other: 1n })), "See you");
  assert.equal(transcriptOf(summaryBytes({ "audio-transcription": "t".repeat(70_000) }))?.length, 65_536);
  const broken = [
    summaryBytes({ "audio-transcription": 5n }),
    summaryBytes({}),
    Uint8Array.of(1, 2),
    new Uint8Array(),
  ];
  for (const userInfo of [null, ...broken, summaryBytes({ "audio-transcription": "x" }).slice(0, -1)]) {
    assert.equal(transcriptOf(userInfo), null);
  }
});

test("decodeAttachment() shows a row whose guid is none", () => {
  assert.equal(decode({ guid: "", originalGuid: "at_0_B" }).guid, "at_0_B");
  assert.equal(decode({ guid: "a\0b", originalGuid: null }).guid, "rowid:7");
});
