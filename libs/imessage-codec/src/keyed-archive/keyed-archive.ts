import { decodePropertyList } from "../property-list/decode-property-list.ts";
import { PropertyListError } from "../property-list/property-list-error.ts";
import { PROPERTY_LIST_LIMITS, type PropertyListLimits } from "../property-list/property-list-limits.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";
import { ARCHIVE } from "./archive-keys.ts";
import { ArchiveReader } from "./archive-reader.ts";
import type { ArchivedValue } from "./archived-value.ts";
import { KeyedArchiveError } from "./keyed-archive-error.ts";

/**
 * Opens a document of NSKeyedArchiver. Nothing but its outer form is looked at until an object is asked for.
 * Throws KeyedArchiveError and nothing else; so do the methods of what it returns, which holds views into
 * `bytes`.
 */
export function decodeKeyedArchive(
  bytes: Uint8Array,
  limits: PropertyListLimits = PROPERTY_LIST_LIMITS,
): KeyedArchive {
  const document = readDocument(bytes, limits);
  const entries = document.kind === "dictionary" ? document.entries : new Map<string, PropertyListValue>();
  const archiver = entries.get(ARCHIVE.archiverKey);
  const version = entries.get(ARCHIVE.versionKey);
  const top = entries.get(ARCHIVE.topKey);
  const objects = entries.get(ARCHIVE.objectsKey);
  const first = objects?.kind === "array" ? objects.items[0] : undefined;
  if (
    archiver?.kind !== "string" ||
    archiver.value !== ARCHIVE.archiver ||
    version?.kind !== "integer" ||
    version.value !== ARCHIVE.version ||
    top?.kind !== "dictionary" ||
    objects?.kind !== "array" ||
    first?.kind !== "string" ||
    first.value !== ARCHIVE.nil
  ) {
    throw new KeyedArchiveError("not-a-keyed-archive", "no archive of NSKeyedArchiver, version 100000");
  }
  return new KeyedArchive(top.entries, new ArchiveReader(objects.items, bytes.length), bytes.length);
}

/**
 * The objects of one archive, converted when they are asked for: each once, however many names and objects
 * lead to it. Time and memory for all of them together are linear in the bytes.
 */
export class KeyedArchive {
  readonly #top: ReadonlyMap<string, PropertyListValue>;
  readonly #reader: ArchiveReader;
  /** Of the document. */
  readonly byteLength: number;

  /** For decodeKeyedArchive(), which has checked the document. */
  constructor(top: ReadonlyMap<string, PropertyListValue>, reader: ArchiveReader, byteLength: number) {
    this.#top = top;
    this.#reader = reader;
    this.byteLength = byteLength;
  }

  /** Names under which the archive has objects; usually `root` alone. */
  get names(): readonly string[] {
    return [...this.#top.keys()];
  }

  /**
   * Values converted so far, those that were reached twice counted twice. Never more than the document has
   * bytes.
   */
  get valuesRead(): number {
    return this.#reader.valuesRead;
  }

  /**
   * The object of the name, or undefined. After a KeyedArchiveError it may be asked again, and throws again.
   */
  top(name: string): ArchivedValue | undefined {
    const value = this.#top.get(name);
    return value === undefined ? undefined : this.#reader.read(value);
  }

  /** The object named `root`, or undefined. */
  root(): ArchivedValue | undefined {
    return this.top(ARCHIVE.rootName);
  }
}

function readDocument(bytes: Uint8Array, limits: PropertyListLimits): PropertyListValue {
  try {
    return decodePropertyList(bytes, limits);
  } catch (error) {
    if (!(error instanceof PropertyListError)) {
      throw error;
    }
    throw new KeyedArchiveError("not-a-property-list", error.code, error.offset, error);
  }
}
