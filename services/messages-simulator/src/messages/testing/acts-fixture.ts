import assert from "node:assert/strict";
import { decodeAttributedBody } from "@imesh/imessage-codec";
import type { Act, AttachmentAct } from "../acts/act.ts";
import type { ComposeAct, FilePiece, Piece, TextPiece } from "../acts/shapes.ts";
import type { WrittenMessage } from "../incoming.ts";
import type { Messages } from "../messages.ts";
import { CONTACT, type Reader, said } from "./messages-fixture.ts";
import { plainEntries } from "./plain-entries.ts";

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

/** What {@link CONTACT} composes in the direct chat. */
export const composed = (pieces: readonly Piece[], order: Partial<ComposeAct> = {}): ComposeAct => ({
  kind: "compose",
  from: CONTACT,
  chatGuid: "",
  service: "",
  pieces,
  subject: "",
  effectId: "",
  reply: undefined,
  isAutoReply: false,
  form: "both",
  ...order,
});

/** Words without any attribute, or with these. */
export const words = (text: string, marks: Partial<TextPiece> = {}): TextPiece => ({
  kind: "text",
  text,
  mention: "",
  link: "",
  styles: [],
  effect: undefined,
  detected: undefined,
  oneTimeCode: "",
  ...marks,
});

/** A file whose transfer is over. */
export const picture = (marks: Partial<FilePiece> = {}): FilePiece => ({
  kind: "file",
  sizeBytes: 10n,
  transferState: 5,
  genmoji: "",
  ...marks,
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
    info: plainEntries(info),
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
