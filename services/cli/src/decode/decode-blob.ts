import {
  type Balloon,
  decodeAttributedBody,
  decodeChatProperties,
  decodeKeyedArchive,
  decodePayload,
  decodePropertyList,
  decodeSummaryInfo,
  decodeTypedStream,
  KeyedArchiveError,
  messageBodyOf,
  PayloadError,
  PropertyListError,
  type PropertyListValue,
  TypedStreamError,
} from "@imesh/imessage-codec";
import { BodyFailure } from "./body-failure.ts";
import { propertyListTree, typedStreamTree } from "./body-tree.ts";
import { entriesOf, type PlainRecord, type PlainValue } from "./plain-value.ts";
import type { PlainWriter } from "./plain-writer.ts";
import { chatPropertiesRecord, summaryInfoRecord } from "./property-records.ts";

/** What to look for. */
export interface BlobQuestion {
  /** `message.balloon_bundle_id` of the row, which says what its payload is; null where it is not known. */
  readonly bundleId: string | null;
  /** The low-level form instead of the meaning. */
  readonly isTree: boolean;
}

/** What bytes turned out to be. */
export interface DecodedBlob {
  /**
   * attributed-body, balloon, keyed-archive, message-summary-info, chat-properties or property-list; typedstream and
   * property-list for trees. Stable: part of JSON output.
   */
  readonly kind: string;
  readonly content: PlainRecord;
}

/** Version 4, and a signature of 11 bytes. */
const TYPED_STREAM_START = [0x04, 0x0b];
const PROPERTY_LIST_START = [...Buffer.from("bplist")];

/** As many as tell one form from another. */
const FORM_BYTES = 64;

const IS_IT_WHOLE =
  "Is it whole? Compare its length with length(…) of the column; the bytes shown are message text";

/**
 * Finds out by the first bytes what a blob of chat.db is, and decodes it. Throws BodyFailure for bytes that are neither a
 * typedstream nor a binary property list, or that break its format.
 */
export function decodeBlob(bytes: Uint8Array, question: BlobQuestion, writer: PlainWriter): DecodedBlob {
  const startsWith = (start: readonly number[]) => start.every((byte, index) => bytes[index] === byte);
  try {
    if (startsWith(TYPED_STREAM_START)) return decodeStream(bytes, question, writer);
    if (startsWith(PROPERTY_LIST_START)) return decodeList(bytes, question, writer);
  } catch (error) {
    throw explained(error, bytes, question);
  }
  throw new BodyFailure({
    message: "Cannot decode body: neither a typedstream nor a binary property list (by its first bytes)",
    code: "unknown-format",
    offset: 0,
    bytes,
    hint: hintFor(bytes),
  });
}

/** What bytes that are neither may be instead. */
function hintFor(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, FORM_BYTES)).toString("latin1").trimStart();
  if (/^(<\?xml|<!DOCTYPE plist|<plist)/.test(text)) {
    return "It is XML; a property list becomes binary with: plutil -convert binary1 FILE";
  }
  const start = /^[A-Za-z0-9+/\s]+=*\s*$/.test(text) ? Buffer.from(text, "base64").toString("latin1") : "";
  if (start.startsWith("\u0004\u000bstreamtyped") || start.startsWith("bplist")) {
    return "It is base64: base64 --decode FILE | imesh decode -";
  }
  return "A typedstream begins with 04 0b and streamtyped, a property list with bplist00; drawings are neither";
}

function decodeStream(bytes: Uint8Array, { isTree }: BlobQuestion, writer: PlainWriter): DecodedBlob {
  if (isTree) return { kind: "typedstream", content: typedStreamTree(decodeTypedStream(bytes), writer) };
  const attributed = decodeAttributedBody(bytes);
  const body = messageBodyOf(attributed);
  const content = new Map<string, PlainValue>([
    ["text", writer.text(attributed.text)],
    ["runs", writer.runs(attributed.text, attributed.runs)],
    ...entriesOf(writer.model({ parts: body.parts, unreadAttributes: body.unreadAttributes })),
  ]);
  return { kind: "attributed-body", content };
}

function decodeList(bytes: Uint8Array, question: BlobQuestion, writer: PlainWriter): DecodedBlob {
  const root = decodePropertyList(bytes);
  if (question.isTree) {
    return { kind: "property-list", content: new Map([["root", propertyListTree(root, writer)]]) };
  }
  if (root.kind === "dictionary") {
    if (root.entries.has("$archiver")) return decodeArchive(bytes, question, writer);
    const dictionary = decodeDictionary(bytes, root.entries, writer);
    if (dictionary !== null) return dictionary;
  }
  return { kind: "property-list", content: new Map([["root", writer.value(root)]]) };
}

/**
 * A dictionary is what knows most of its keys; null where nothing knows one. Keys that both know count for neither, and
 * there are none so far.
 */
function decodeDictionary(
  bytes: Uint8Array,
  entries: ReadonlyMap<string, PropertyListValue>,
  writer: PlainWriter,
): DecodedBlob | null {
  const summary = decodeSummaryInfo(bytes);
  const properties = decodeChatProperties(bytes);
  const [ofSummary, ofProperties] = [summary, properties].map(
    ({ other, faults }) => entries.size - other.size + faults.length,
  );
  if (ofSummary === undefined || ofProperties === undefined || ofSummary + ofProperties === 0) return null;
  return ofSummary >= ofProperties
    ? { kind: "message-summary-info", content: summaryInfoRecord(summary, writer) }
    : { kind: "chat-properties", content: chatPropertiesRecord(properties, writer) };
}

/** A balloon where the bundle, or the archive itself, says which; else the archive's objects. */
function decodeArchive(bytes: Uint8Array, { bundleId }: BlobQuestion, writer: PlainWriter): DecodedBlob {
  const columns = { balloonBundleId: bundleId, payloadData: bytes, associatedMessageType: null };
  const balloon = decodePayload(columns);
  if (balloon !== null && balloon.kind !== "unknown") return balloonBlob(balloon, bytes, writer);
  const archive = decodeKeyedArchive(bytes);
  const content = writer.record(
    archive.names.map((name) => [name, archive.top(name)] as const),
    (value) => (value === undefined ? null : writer.value(value)),
  );
  return { kind: "keyed-archive", content };
}

function balloonBlob(balloon: Balloon, bytes: Uint8Array, writer: PlainWriter): DecodedBlob {
  if (balloon.kind === "undecodable") {
    const { meaning, code, offset } = balloon;
    const hint = offset === null ? "Without --bundle, or with --tree, it shows what is there" : IS_IT_WHOLE;
    const message = `Cannot decode body: no payload of a balloon, by its bundle ${meaning} (${code})`;
    throw new BodyFailure({ message, code, offset, bytes, hint });
  }
  return { kind: "balloon", content: new Map(entriesOf(writer.model(balloon))) };
}

/** The codec's own errors with a look at the bytes; any other error is a defect and passes as it is. */
function explained(error: unknown, bytes: Uint8Array, { isTree }: BlobQuestion): unknown {
  const isOurs =
    error instanceof TypedStreamError ||
    error instanceof PropertyListError ||
    error instanceof KeyedArchiveError ||
    error instanceof PayloadError;
  if (!isOurs) return error;
  const { message, code, offset } = error;
  return new BodyFailure({ message, code, offset, bytes, hint: hintForBreak(code, offset, isTree) });
}

function hintForBreak(code: string, offset: number | null, isTree: boolean): string {
  if (code === "too-deep") return "Messages writes nothing so deep: these bytes were made to be hard to read";
  return offset === null && !isTree ? "--tree shows how it is written, if that can be read" : IS_IT_WHOLE;
}
