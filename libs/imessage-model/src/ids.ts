import { unreachable } from "@imesh/flow";

declare const brand: unique symbol;

/** A string that only its own parse or make function can produce. At run time it is the plain string. */
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `chat.guid`, opaque: `iMessage;-;…`, `SMS;+;…`, `any;-;…` and whatever Apple invents next. It contains
 * handles, so it is never logged. Apple may rewrite it during the life of a chat: an attribute, not a key. */
export type ChatGuid = Branded<"ChatGuid">;

/** `message.guid`. Usually an upper-case UUID, other shapes come over SMS and RCS relay. Apple may reassign
 * it: the durable key of a row is (uid of the database, ROWID). */
export type MessageGuid = Branded<"MessageGuid">;

/** `attachment.guid`: `at_<n>_<message guid>` once permanent, a bare UUID before that or from iOS. */
export type AttachmentGuid = Branded<"AttachmentGuid">;

/** `handle.id`: an E.164 number, a lower-case mail address, a short code or a business id. Personal data:
 * never logged. */
export type HandleAddress = Branded<"HandleAddress">;

/** The caller's idempotency key of one command; scoped to the caller, chosen by it, compared byte for byte. */
export type RequestId = Branded<"RequestId">;

/** Why a text is not an id. The text itself is left out, because guids and handles are personal data. */
export type IdFault =
  | { readonly kind: "empty" }
  | { readonly kind: "too-long"; readonly length: number; readonly lengthMax: number }
  | { readonly kind: "nul" };

/** Thrown by every parse function of this file for text that came from outside and cannot be an id. */
export class InvalidIdError extends Error {
  override readonly name = "InvalidIdError";
  /** Which id was wanted, in words: "chat guid". */
  readonly idName: string;
  readonly fault: IdFault;

  constructor(idName: string, fault: IdFault) {
    super(`Cannot accept ${idName}: ${describeFault(fault)}`);
    this.idName = idName;
    this.fault = fault;
  }
}

// Bounds in UTF-16 code units. Real chat guids and handles stay under 100; mail addresses end at 320. The
// bounds only keep hostile or corrupt values out of keys and indexes, so they are generous.
const CHAT_GUID_LENGTH_MAX = 512;
const MESSAGE_GUID_LENGTH_MAX = 256;
const ATTACHMENT_GUID_LENGTH_MAX = 512;
const HANDLE_ADDRESS_LENGTH_MAX = 512;
const REQUEST_ID_LENGTH_MAX = 128;

/** Accepts 1 to 512 UTF-16 units without NUL. Throws InvalidIdError. */
export function parseChatGuid(text: string): ChatGuid {
  refuseFault("chat guid", text, CHAT_GUID_LENGTH_MAX);
  return text as ChatGuid;
}

/** Accepts 1 to 256 UTF-16 units without NUL. Throws InvalidIdError. */
export function parseMessageGuid(text: string): MessageGuid {
  refuseFault("message guid", text, MESSAGE_GUID_LENGTH_MAX);
  return text as MessageGuid;
}

/** Whether parseMessageGuid() would accept the text; for decoders, where a bad guid is data and no error. */
export function isMessageGuid(text: string): text is MessageGuid {
  return idFaultOf(text, MESSAGE_GUID_LENGTH_MAX) === null;
}

/** Accepts 1 to 512 UTF-16 units without NUL. Throws InvalidIdError. */
export function parseAttachmentGuid(text: string): AttachmentGuid {
  refuseFault("attachment guid", text, ATTACHMENT_GUID_LENGTH_MAX);
  return text as AttachmentGuid;
}

/** Whether parseAttachmentGuid() would accept the text; for decoders. */
export function isAttachmentGuid(text: string): text is AttachmentGuid {
  return idFaultOf(text, ATTACHMENT_GUID_LENGTH_MAX) === null;
}

/** Accepts 1 to 512 UTF-16 units without NUL. Throws InvalidIdError. */
export function parseHandleAddress(text: string): HandleAddress {
  refuseFault("handle address", text, HANDLE_ADDRESS_LENGTH_MAX);
  return text as HandleAddress;
}

/** Whether parseHandleAddress() would accept the text; for decoders. */
export function isHandleAddress(text: string): text is HandleAddress {
  return idFaultOf(text, HANDLE_ADDRESS_LENGTH_MAX) === null;
}

/** Accepts 1 to 128 UTF-16 units without NUL. Throws InvalidIdError. */
export function parseRequestId(text: string): RequestId {
  refuseFault("request id", text, REQUEST_ID_LENGTH_MAX);
  return text as RequestId;
}

function refuseFault(idName: string, text: string, lengthMax: number): void {
  const fault = idFaultOf(text, lengthMax);
  if (fault !== null) {
    throw new InvalidIdError(idName, fault);
  }
}

function idFaultOf(text: string, lengthMax: number): IdFault | null {
  if (text.length === 0) {
    return { kind: "empty" };
  }
  if (text.length > lengthMax) {
    return { kind: "too-long", length: text.length, lengthMax };
  }
  return text.includes("\0") ? { kind: "nul" } : null;
}

function describeFault(fault: IdFault): string {
  switch (fault.kind) {
    case "empty":
      return "empty (at least 1 character)";
    case "too-long":
      return `${fault.length} characters (at most ${fault.lengthMax})`;
    case "nul":
      return "a NUL character (none allowed)";
    default:
      return unreachable(fault);
  }
}
