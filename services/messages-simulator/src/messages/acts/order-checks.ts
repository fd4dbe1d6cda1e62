import { OrderRefusedError } from "../say-order.ts";

const TEXT_UNITS_MAX = 100_000;

/** Throws OrderRefusedError unless `text` is something to say. */
export function checkText(text: string): void {
  if (text.length === 0 || text.length > TEXT_UNITS_MAX) {
    throw new OrderRefusedError("text", `must have 1 to ${TEXT_UNITS_MAX} UTF-16 code units`);
  }
}

const SIZE_BYTES_MAX = 16n * 1_024n * 1_024n;

/** Throws OrderRefusedError unless an attachment can be so large and its transfer so far; `prefix` stands before fields. */
export function checkTransfer(
  { sizeBytes, transferState }: { readonly sizeBytes: bigint; readonly transferState: number },
  prefix = "",
): void {
  if (sizeBytes < 0n || sizeBytes > SIZE_BYTES_MAX) {
    throw new OrderRefusedError(`${prefix}size_bytes`, `must be 0 to ${SIZE_BYTES_MAX}`);
  }
  if (![0, 3, 5].includes(transferState)) {
    throw new OrderRefusedError(`${prefix}transfer_state`, "must be 0, 3 or 5");
  }
}

/** Throws OrderRefusedError unless `part` can be the number of one. */
export function checkPart(part: number, field: string): void {
  if (!Number.isInteger(part) || part < 0) throw new OrderRefusedError(field, "must not be negative");
}
