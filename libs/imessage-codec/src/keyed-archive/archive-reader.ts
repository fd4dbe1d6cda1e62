import {
  isContainer,
  type PropertyListContainer,
  type PropertyListValue,
} from "../property-list/property-list-value.ts";
import { ARCHIVE, ARCHIVE_DEPTH_MAX, CLASS_CHAIN_LENGTH_MAX } from "./archive-keys.ts";
import { ARCHIVED_NULL, type ArchivedValue } from "./archived-value.ts";
import { foundationValue } from "./foundation-forms.ts";
import { KeyedArchiveError } from "./keyed-archive-error.ts";

/** The class of an object: its name, then those above it. */
export interface ArchivedClass {
  readonly className: string;
  readonly superclassNames: readonly string[];
}

interface Converted {
  readonly value: ArchivedValue;
  /** Containers inside one another, itself among them. */
  readonly height: number;
}

/** Converts the objects of one archive, each once. */
export class ArchiveReader {
  readonly #objects: readonly PropertyListValue[];
  readonly #converted = new Map<PropertyListContainer, Converted>();
  readonly #classes = new Map<number, ArchivedClass>();
  // What is being converted: meeting it again is a cycle.
  readonly #open = new Set<PropertyListContainer>();
  // The greatest height among the parts of the container that is being converted.
  #partsHeight = 0;
  #depth = 0;
  readonly #valuesMax: number;
  #valuesRead = 0;

  /**
   * `byteLength` is that of the document: a value takes a byte or more, unless lists are shared to multiply.
   */
  constructor(objects: readonly PropertyListValue[], byteLength: number) {
    this.#objects = objects;
    this.#valuesMax = byteLength;
  }

  get valuesRead(): number {
    return this.#valuesRead;
  }

  /** Throws KeyedArchiveError. */
  readonly read = (value: PropertyListValue): ArchivedValue => {
    this.spend(1);
    return value.kind === "uid" ? this.#object(value.value) : this.#direct(value);
  };

  /** Counts values that are made without being read by themselves. */
  spend(count: number): void {
    if (this.#valuesRead + count > this.#valuesMax) {
      throw new KeyedArchiveError("value-budget", `more than ${this.#valuesMax} values`);
    }
    this.#valuesRead += count;
  }

  #object(uid: number): ArchivedValue {
    if (uid === 0) {
      return ARCHIVED_NULL;
    }
    const target = this.#objects[uid];
    if (target === undefined || target.kind === "uid") {
      throw new KeyedArchiveError("uid-out-of-range", `not one of ${this.#objects.length} objects`);
    }
    if (isContainer(target) && this.#open.has(target)) {
      return { kind: "reference", uid };
    }
    return this.#direct(target);
  }

  #direct(value: Exclude<PropertyListValue, { kind: "uid" }>): ArchivedValue {
    // Scalars have the same form in an archive as in the property list that it is.
    if (!isContainer(value)) {
      return value;
    }
    const { value: archived, height } = this.#converted.get(value) ?? this.#convert(value);
    if (this.#depth + height > ARCHIVE_DEPTH_MAX) {
      throw new KeyedArchiveError("too-deep", `objects nest deeper than ${ARCHIVE_DEPTH_MAX}`);
    }
    this.#partsHeight = Math.max(this.#partsHeight, height);
    return archived;
  }

  #convert(container: PropertyListContainer): Converted {
    if (this.#depth === ARCHIVE_DEPTH_MAX) {
      throw new KeyedArchiveError("too-deep", `objects nest deeper than ${ARCHIVE_DEPTH_MAX}`);
    }
    const outerHeight = this.#partsHeight;
    this.#partsHeight = 0;
    this.#depth += 1;
    this.#open.add(container);
    try {
      const value = this.#container(container);
      const converted = { value, height: this.#partsHeight + 1 };
      this.#converted.set(container, converted);
      return converted;
    } finally {
      // Also after an error: the archive may be asked for another object.
      this.#open.delete(container);
      this.#depth -= 1;
      this.#partsHeight = outerHeight;
    }
  }

  #container(container: PropertyListContainer): ArchivedValue {
    if (container.kind !== "dictionary") {
      return { kind: container.kind, items: container.items.map(this.read) };
    }
    const classReference = container.entries.get(ARCHIVE.classKey);
    if (classReference === undefined) {
      return { kind: "dictionary", entries: this.#fields(container.entries), otherEntries: [] };
    }
    const itsClass = this.#class(classReference);
    return (
      foundationValue(itsClass, container.entries, this) ?? {
        kind: "object",
        ...itsClass,
        fields: this.#fields(container.entries),
      }
    );
  }

  #fields(entries: ReadonlyMap<string, PropertyListValue>): ReadonlyMap<string, ArchivedValue> {
    const fields = new Map<string, ArchivedValue>();
    for (const [name, value] of entries) {
      if (name !== ARCHIVE.classKey) {
        fields.set(name, this.read(value));
      }
    }
    return fields;
  }

  #class(reference: PropertyListValue): ArchivedClass {
    const uid = reference.kind === "uid" ? reference.value : -1;
    const known = this.#classes.get(uid) ?? readClass(this.#objects[uid]);
    if (known === null) {
      throw new KeyedArchiveError("class-invalid", "an object whose class has no name and chain");
    }
    this.#classes.set(uid, known);
    return known;
  }
}

function readClass(value: PropertyListValue | undefined): ArchivedClass | null {
  if (value?.kind !== "dictionary") {
    return null;
  }
  const name = value.entries.get(ARCHIVE.classNameKey);
  const chain = value.entries.get(ARCHIVE.classChainKey);
  if (name?.kind !== "string" || chain?.kind !== "array" || chain.items.length > CLASS_CHAIN_LENGTH_MAX) {
    return null;
  }
  const names: string[] = [];
  for (const item of chain.items) {
    if (item.kind !== "string") {
      return null;
    }
    names.push(item.value);
  }
  return names[0] === name.value ? { className: name.value, superclassNames: names.slice(1) } : null;
}
