import { type FieldViolation, invalidArgument } from "@imesh/rpc";

/** Whether a number is in a range, both ends included. NaN is within nothing. */
export function isWithin<T extends number | bigint>(value: T, min: T, max: T): boolean {
  return value >= min && value <= max;
}

/** What is wrong with a field. */
export function violation(field: string, description: string): FieldViolation {
  return { field, description };
}

/** Throws INVALID_ARGUMENT with all that was found, if anything was. */
export function refuse(found: readonly (FieldViolation | false)[]): void {
  const [first, ...rest] = found.filter((item) => item !== false);
  if (first !== undefined) throw invalidArgument([first, ...rest]);
}
