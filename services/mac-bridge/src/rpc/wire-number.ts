const INT32_MAX = 2_147_483_647;

/** As the wire can hold it, rounded; 0 for null and for what does not fit, which the encoder would throw at. */
export function int32Of(value: number | null): number {
  if (value === null) return 0;
  const rounded = Math.round(value);
  return Math.abs(rounded) <= INT32_MAX ? rounded : 0;
}

/** As {@link int32Of}, for 64 bits. */
export function int64Of(value: bigint | null): bigint {
  return value !== null && BigInt.asIntN(64, value) === value ? value : 0n;
}

/** Indexes of parts, at most 256; those that are none are left out. */
export function partIndexesOf(parts: readonly number[]): number[] {
  return parts.filter(isPartIndex).slice(0, 256);
}

/** An index of a part that the wire can hold. */
export function isPartIndex(part: number): boolean {
  return Number.isInteger(part) && part >= 0 && part <= INT32_MAX;
}

/** The index of a part; undefined for null and for what is none. */
export function optionalPartIndexOf(part: number | null): number | undefined {
  return part !== null && isPartIndex(part) ? part : undefined;
}
