import { type ArchivedValue, encodeKeyedArchive } from "@imesh/imessage-codec";

/** Fields of an object or dictionary by name; those that are undefined are left out. */
export type ArchivedEntries = Readonly<Record<string, ArchivedValue | undefined>>;

/** An NSString. */
export function archivedText(value: string): ArchivedValue {
  return { kind: "string", value };
}

/** An NSNumber. */
export function archivedInteger(value: bigint): ArchivedValue {
  return { kind: "integer", value };
}

/** An absolute NSURL. */
export function archivedUrl(url: string): ArchivedValue {
  return { kind: "url", relative: url, base: null };
}

/** An NSDictionary. */
export function archivedDictionary(entries: ArchivedEntries): ArchivedValue {
  return { kind: "dictionary", entries: present(entries), otherEntries: [] };
}

/** An object of a class of Apple's; `superclassNames` lie between it and NSObject. */
export function archivedObject(
  className: string,
  fields: ArchivedEntries,
  superclassNames: readonly string[] = [],
): ArchivedValue {
  const all = [...superclassNames, "NSObject"];
  return { kind: "object", className, superclassNames: all, fields: present(fields) };
}

/** The archive of one object, as `payload_data` holds it. */
export function archiveOf(root: ArchivedValue): Uint8Array {
  return encodeKeyedArchive(new Map([["root", root]]));
}

function present(entries: ArchivedEntries): ReadonlyMap<string, ArchivedValue> {
  return new Map(
    Object.entries(entries).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
