import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { type FieldViolation, invalidArgument } from "@imesh/rpc";
import { isTimestamp, toAppleNs } from "./wire-time.ts";

/** Longest name of anything; a guid of a group chat has some 60 units. Bounds what a queued request takes. */
const NAME_UNITS_MAX = 1_024;

/** What is right of a size that is asked for. */
export interface SizeRule {
  /** For 0. */
  readonly sizeDefault: number;
  /** More counts as this. */
  readonly sizeMax: number;
}

/**
 * The fields of one request, checked one by one; {@link RequestFields.check} then throws with all that is wrong. Each reader gives a
 * value of the right type even for a wrong field, which nobody uses then.
 */
export class RequestFields {
  readonly #violations: FieldViolation[] = [];

  /** 0 is the default and too much is cut (broker.proto says so); less than 0 is a mistake. */
  size(field: string, asked: number, { sizeDefault, sizeMax }: SizeRule): number {
    if (asked < 0) this.violate(field, "must not be negative");
    return asked === 0 ? sizeDefault : Math.min(asked, sizeMax);
  }

  /** A name that must be given. */
  name(field: string, value: string): string {
    if (value === "") this.violate(field, "must not be empty");
    return this.optionalName(field, value) ?? "";
  }

  /** A name; empty is none. */
  optionalName(field: string, value: string): string | undefined {
    if (value.length > NAME_UNITS_MAX) {
      this.violate(field, `must have at most ${NAME_UNITS_MAX} UTF-16 code units`);
    }
    return value === "" ? undefined : value;
  }

  /** A number of bytes. */
  bytes(field: string, value: bigint): bigint {
    if (value < 0n) this.violate(field, "must not be negative");
    return value;
  }

  /** A bound in time, as date columns have it. */
  appleNs(field: string, value: Timestamp | undefined): bigint | undefined {
    if (value === undefined) return undefined;
    if (!isTimestamp(value)) this.violate(field, "must be a valid timestamp of the years 1 to 9999");
    return toAppleNs(value);
  }

  /** Something is wrong with a field; `description` says what it must be. */
  violate(field: string, description: string): void {
    this.#violations.push({ field, description });
  }

  /** Throws INVALID_ARGUMENT with everything that is wrong, if anything is. */
  check(): void {
    const [first, ...others] = this.#violations;
    if (first !== undefined) throw invalidArgument([first, ...others]);
  }
}
