import { OrderRefusedError } from "../say-order.ts";

const TEXT_UNITS_MAX = 100_000;

/** Throws OrderRefusedError unless `text` is something to say. */
export function checkText(text: string): void {
  if (text.length === 0 || text.length > TEXT_UNITS_MAX) {
    throw new OrderRefusedError("text", `must have 1 to ${TEXT_UNITS_MAX} UTF-16 code units`);
  }
}

/** Throws OrderRefusedError unless `part` can be the number of one. */
export function checkPart(part: number, field: string): void {
  if (!Number.isInteger(part) || part < 0) throw new OrderRefusedError(field, "must not be negative");
}
