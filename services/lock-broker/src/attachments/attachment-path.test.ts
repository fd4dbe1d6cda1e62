import assert from "node:assert/strict";
import { test } from "node:test";
import { attachmentPath } from "./attachment-path.ts";

const DIRECTORY = "/home/you/Messages/Attachments";
const outside = { kind: "outside" };

function inside(...names: string[]) {
  return { kind: "inside", names };
}

test("every way in which rows write the directory leads into it", () => {
  const rest = "ab/11/at_0_GUID/IMG 1.heic";
  for (const prefix of [
    "~/Library/Messages/Attachments/",
    "/var/mobile/Library/SMS/Attachments/",
    "/private/var/mobile/Library/SMS/Attachments/",
    "~/Library/SMS/Attachments/",
    `${DIRECTORY}/`,
  ]) {
    assert.deepEqual(
      attachmentPath(prefix + rest, [DIRECTORY]),
      inside("ab", "11", "at_0_GUID", "IMG 1.heic"),
      prefix,
    );
  }
});

test("names are kept as they are, empty ones and dots dropped", () => {
  const name = "Bildschirmfoto 9.41\u202FAM u\u0308\u{1F9F5} ~..pdf";
  assert.deepEqual(
    attachmentPath(`~/Library/Messages/Attachments//a/./${name}`, [DIRECTORY]),
    inside("a", name),
  );
});

test("a row without a path has none", () => {
  assert.deepEqual(attachmentPath(undefined, [DIRECTORY]), { kind: "none" });
  assert.deepEqual(attachmentPath("", [DIRECTORY]), { kind: "none" });
});

test("whatever leads elsewhere is outside", () => {
  for (const filename of [
    "~/Library/Messages/chat.db",
    "~/Library/Messages/Attachments",
    "~/Library/Messages/Attachments/",
    "~/Library/Messages/Attachments/.",
    "~/Library/Messages/Attachments/..",
    "~/Library/Messages/Attachments/../chat.db",
    "~/Library/Messages/Attachments/a/../../chat.db",
    "~/Library/Messages/Attachments/a/../b",
    "~/Library/Messages/AttachmentsOfOthers/a",
    "~/Library/Messages/StickerCache/a",
    "~other/Library/Messages/Attachments/a",
    "/etc/passwd",
    "etc/passwd",
    `${DIRECTORY}Else/a`,
    "file:///etc/passwd",
    "~/Library/Messages/Attachments/a\0b",
    `~/Library/Messages/Attachments/${"a/".repeat(4_000)}`,
  ]) {
    assert.deepEqual(attachmentPath(filename, [DIRECTORY]), outside, JSON.stringify(filename));
  }
});
