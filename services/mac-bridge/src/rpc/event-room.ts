/** A protobuf string takes at most three bytes a UTF-16 unit. What is counted here is units. */
const BYTES_PER_UNIT = 3;

/** Most bytes of an encoded event. A frame holds 4 MiB, and one event always fits (I8). */
export const EVENT_BYTES_MAX = 3 * 1024 * 1024;

/** Longest text of a message, on which neither allowance is spent: the codec bounds it. */
const MESSAGE_TEXT_UNITS = 262_144;

/** Times, numbers and what the bridge itself says of an event: its journal, its source, its trace, its command. */
const FRAME_UNITS = 8_192;

const ALLOWANCE_UNITS = Math.floor((EVENT_BYTES_MAX / BYTES_PER_UNIT - MESSAGE_TEXT_UNITS - FRAME_UNITS) / 2);

/** Longest id or label; what is longer is none. The model's own bounds are 512 and less. */
const ID_UNITS_MAX = 1_024;

/** Tag and length of a string: 6 bytes. */
const STRING_UNITS = 2;

/** Tag, length, numbers and flags of an item of a list: 60 bytes. */
const ITEM_UNITS = 20;

/** What no item of a list exceeds: itself and five ids. */
const ITEM_ROOM_UNITS = ITEM_UNITS + 5 * (ID_UNITS_MAX + STRING_UNITS);

/**
 * The room that an event has left, while it is put together. A row of honest size never notices; one that was made to hurt could
 * ask for fifty MiB, and an event that is larger than a frame would block its stream for ever. What does not fit is left out:
 * of texts the end, of lists the last items, of ids and addresses all, because half an id names something else.
 *
 * Half characters, which property lists can hold, become U+FFFD here as they would in the encoder.
 *
 * There are two allowances, so that long texts cannot crowd out what holds a message together. Made for one event.
 */
export class EventRoom {
  #idUnits = ALLOWANCE_UNITS;
  #textUnits = ALLOWANCE_UNITS;

  /** The id, address or label; empty when it is null, longer than 1,024 units, or does not fit. */
  id(value: string | null): string {
    if (value === null || value === "" || value.length > ID_UNITS_MAX) return "";
    const units = value.length + STRING_UNITS;
    if (units > this.#idUnits) return "";
    this.#idUnits -= units;
    return value.toWellFormed();
  }

  /** As much of the text as fits, at most `unitsMax`; empty for null. */
  text(value: string | null, unitsMax: number): string {
    if (value === null || value === "") return "";
    const room = Math.min(unitsMax, this.#textUnits - STRING_UNITS);
    const kept = value.length <= room ? value : cut(value, Math.max(0, room));
    this.#textUnits -= kept.length + STRING_UNITS;
    return kept.toWellFormed();
  }

  /** All of the text, or undefined when it is null, longer than `unitsMax`, or does not fit. For what is wrong when cut. */
  whole(value: string | null, unitsMax: number): string | undefined {
    if (value === null || value.length > Math.min(unitsMax, this.#textUnits - STRING_UNITS)) return undefined;
    return this.text(value, unitsMax);
  }

  /** The first items, at most `itemsMax`, as `map` makes them; one that it makes undefined is left out. */
  list<Item, Mapped>(
    items: readonly Item[],
    itemsMax: number,
    map: (item: Item) => Mapped | undefined,
  ): Mapped[] {
    const kept: Mapped[] = [];
    for (const item of items) {
      if (kept.length === itemsMax || this.#idUnits < ITEM_ROOM_UNITS) break;
      const mapped = map(item);
      if (mapped === undefined) continue;
      this.#idUnits -= ITEM_UNITS;
      kept.push(mapped);
    }
    return kept;
  }
}

/** Not between the halves of a character. */
function cut(text: string, units: number): string {
  const isHalved = /[\uD800-\uDBFF]/.test(text.charAt(units - 1));
  return text.slice(0, isHalved ? units - 1 : units);
}
