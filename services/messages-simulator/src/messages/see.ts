import { createHash } from "node:crypto";
import { ATTRIBUTE_KEY } from "@imesh/imessage-codec";
import { readEntries, writeEntries } from "../mac/property-lists.ts";
import type { Tables } from "../mac/tables.ts";
import type { AttachmentReason, ChatReason, MessageReason } from "../truth/truth.ts";
import { readBody } from "./bodies.ts";

/** Attributes of a body that no person sees: a transfer's guid, and what Messages notes for itself. */
const UNSEEN_ATTRIBUTES: ReadonlySet<string> = new Set([
  ATTRIBUTE_KEY.fileTransferGuid,
  ATTRIBUTE_KEY.baseWritingDirection,
  "__kIMDataDetectedAttributeName",
  "__kIMPhoneNumberAttributeName",
  "__kIMAddressAttributeName",
  "__kIMCalendarEventAttributeName",
]);

/** Hexadecimal digits of a fingerprint: 64 bits, more than any test has states. */
const STATE_DIGITS = 16;

/**
 * Notes in the ground truth that a message looks different for these reasons, with how it looks now. Called once for each
 * row and transaction, inside `save`, after the last write of the row in it.
 */
export function seeMessage(
  { looks, truth }: Tables,
  rowid: bigint,
  ...reasons: readonly MessageReason[]
): void {
  const look = looks.message(rowid);
  const words = () => [
    look?.words,
    bodyLook(look?.attributedBody),
    summaryLook(look?.summaryInfo),
    look?.payload,
  ];
  const state = (reason: MessageReason): string => {
    if (look === undefined || reason === "deleted") return "";
    switch (reason) {
      case "new":
        return fingerprint([look.status, look.schedule, look.chats, ...words()]);
      case "content":
        return fingerprint(words());
      case "recently-deleted":
      case "recovered":
        return fingerprint([look.chats]);
      default:
        return fingerprint([look[reason]]);
    }
  };
  for (const reason of reasons) truth.record({ subject: "message", rowid, reason, state: state(reason) });
}

/** As {@link seeMessage}, of a chat. */
export function seeChat({ looks, truth }: Tables, rowid: bigint, ...reasons: readonly ChatReason[]): void {
  const look = looks.chat(rowid);
  const state = (reason: ChatReason): string => {
    if (look === undefined || reason === "deleted") return "";
    return fingerprint(reason === "new" ? [look.guid, look.name, look.members] : [look[reason]]);
  };
  for (const reason of reasons) truth.record({ subject: "chat", rowid, reason, state: state(reason) });
}

/** As {@link seeMessage}, of an attachment. */
export function seeAttachment(
  { looks, truth }: Tables,
  rowid: bigint,
  ...reasons: readonly AttachmentReason[]
): void {
  const look = looks.attachment(rowid);
  const state = (reason: AttachmentReason): string => {
    if (look === undefined || reason === "deleted") return "";
    if (reason === "guid") return fingerprint([look.guid]);
    return fingerprint([reason === "info" ? look.userInfo : look.transfer]);
  };
  for (const reason of reasons) truth.record({ subject: "attachment", rowid, reason, state: state(reason) });
}

/** Text and attributes as far as they are seen; runs that look the same are one, however the body is cut. */
function bodyLook(attributedBody: Uint8Array | null | undefined): string | Uint8Array {
  const body = readBody(attributedBody ?? null);
  // Of a damaged body, written on purpose, the bytes are all there is to compare.
  if (body === undefined) return attributedBody ?? "";
  const seen: { end: number; look: string }[] = [];
  let end = 0;
  for (const { length, attributes } of body.runs) {
    end += length;
    const look = JSON.stringify(
      [...attributes].filter(([name]) => !UNSEEN_ATTRIBUTES.has(name)),
      (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value),
    );
    const last = seen.at(-1);
    if (last?.look === look) last.end = end;
    else seen.push({ end, look });
  }
  return JSON.stringify([body.text, seen]);
}

/** All but the guid that the message had at first. */
function summaryLook(summaryInfo: Uint8Array | null | undefined): Uint8Array | undefined {
  const info = new Map(readEntries(summaryInfo ?? null));
  info.delete("orgid");
  return info.size === 0 ? undefined : writeEntries(info);
}

function fingerprint(facts: readonly (string | Uint8Array | null | undefined)[]): string {
  const hash = createHash("sha256");
  for (const fact of facts) {
    hash.update(typeof fact === "string" ? `s${fact.length} ` : `b${fact?.length ?? -1} `);
    hash.update(fact ?? "");
  }
  return hash.digest("hex").slice(0, STATE_DIGITS);
}
