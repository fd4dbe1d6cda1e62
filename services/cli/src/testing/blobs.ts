import type { ArchivedObject, ArchivedValue } from "@imesh/imessage-codec";
import {
  encodeAttributedBody,
  encodeKeyedArchive,
  encodePropertyList,
  messageRun,
  type PropertyListLiteral,
  propertyListOf,
} from "@imesh/imessage-codec";
import { parseHandleAddress } from "@imesh/imessage-model";

/** Entries of a property list or an archive, written down as an object. */
export type Entries<T> = Readonly<Record<string, T>>;

/** "hello Ann": Ann is mentioned. */
export function mentionBody(): Uint8Array {
  const mention = { part: 0, mention: parseHandleAddress("+15550101") };
  return encodeAttributedBody({
    text: "hello Ann",
    runs: [messageRun(6, { part: 0 }), messageRun(3, mention)],
  });
}

/** A property list that is a dictionary. */
export function listOf(entries: Entries<PropertyListLiteral>): Uint8Array {
  return encodePropertyList(propertyListOf(new Map(Object.entries(entries))));
}

/** An archive with this root. */
export function archiveOf(root: ArchivedValue): Uint8Array {
  return encodeKeyedArchive(new Map([["root", root]]));
}

/** The payload of a link to example.com. */
export function linkPayload(title: string): Uint8Array {
  const metadata = archived("LPLinkMetadata", {
    title: { kind: "string", value: title },
    URL: { kind: "url", relative: "https://example.com/", base: null },
  });
  return archiveOf(archived("RichLink", { richLinkMetadata: metadata }));
}

/** The payload of an app's message. */
export function appPayload(): Uint8Array {
  const entries = new Map<string, ArchivedValue>([
    ["an", { kind: "string", value: "Chess" }],
    ["appid", { kind: "integer", value: 9_007_199_254_740_993n }],
    ["ldtext", { kind: "string", value: "Your move" }],
    ["when", { kind: "date", secondsSince2001: 0 }],
  ]);
  return archiveOf({ kind: "dictionary", entries, otherEntries: [] });
}

function archived(className: string, fields: Entries<ArchivedValue>): ArchivedObject {
  const superclassNames = ["NSObject"];
  return { kind: "object", className, superclassNames, fields: new Map(Object.entries(fields)) };
}
