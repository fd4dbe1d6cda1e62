import assert from "node:assert/strict";
import { decodeAttributedBody } from "@imesh/imessage-codec";
import { readPlistDictionary } from "../../mac/binary-plist-reader.ts";
import type { AttachmentAct } from "../acts/act.ts";
import type { Act, Messages, WrittenMessage } from "../messages.ts";
import { CONTACT, type Reader, said } from "./messages-fixture.ts";

/** A member of the history's group. */
export const ALICE = "+15552010001";

/** Attachments that {@link CONTACT} sends in the direct chat. */
export const sent = (order: Partial<AttachmentAct> = {}): AttachmentAct => ({
  kind: "say-attachment",
  from: CONTACT,
  groupGuid: "",
  text: "",
  attachments: 1,
  sizeBytes: 10n,
  transferState: 0,
  isAudio: false,
  isJoinLate: false,
  ...order,
});

/** {@link CONTACT} says a text; the row. */
export async function heard(messages: Messages, text = "hello"): Promise<WrittenMessage> {
  return await messages.say(said(text));
}

/** What a message's row holds for edits and unsends, decoded. */
export function contentOf(read: Reader, rowid: bigint) {
  const [row] = read(
    "SELECT text, attributedBody, message_summary_info AS info, date_edited, date_retracted, part_count, is_empty FROM message WHERE ROWID = ?",
    rowid,
  ) as {
    text: string | null;
    attributedBody: Uint8Array | null;
    info: Uint8Array | null;
    date_edited: bigint;
    date_retracted: bigint;
    part_count: bigint;
    is_empty: bigint;
  }[];
  assert.ok(row !== undefined);
  const { attributedBody, info, ...columns } = row;
  return {
    ...columns,
    body: attributedBody === null ? null : decodeAttributedBody(attributedBody),
    info: readPlistDictionary(info),
  };
}

/** Asserts that an act is refused with this, and that nothing was written. */
export async function assertRefused(
  parts: { messages: Messages; saves: () => number; news: () => readonly string[] },
  act: Act,
  expected: { readonly field: string } | { readonly what: string } | { readonly fact: RegExp },
): Promise<void> {
  const before = parts.saves();
  parts.news();
  await assert.rejects(
    parts.messages.act(act),
    (error: Error & { field?: string; what?: string; fact?: string }) => {
      if ("field" in expected)
        assert.deepEqual([error.name, error.field], ["OrderRefusedError", expected.field]);
      else if ("what" in expected)
        assert.deepEqual([error.name, error.what], ["NotThereError", expected.what]);
      else {
        assert.equal(error.name, "CannotHappenError");
        assert.match(error.fact ?? "", expected.fact);
      }
      return true;
    },
  );
  assert.deepEqual([parts.saves(), parts.news()], [before, []]);
}
