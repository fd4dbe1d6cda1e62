import type { MessagePosition, MessageWalk } from "./rows.ts";

/** By date, then by ROWID: falling or rising. */
export type DateOrder = MessageWalk["order"];

/** Between which places a walk goes on. */
export interface WalkBounds {
  /** Excluded: the walk goes on beyond it. */
  readonly start: MessagePosition;
  /** Included: as stored. */
  readonly lastDate: bigint;
  /** Rows without a date, which count as dated 0, go on beyond this ROWID. Undefined: none are left, or wanted. */
  readonly undatedBeyond: bigint | undefined;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const NS_PER_S = 1_000_000_000n;

/** Reads the bounds out of a walk over a database whose dates are nanoseconds, or seconds. */
export function walkBounds(walk: MessageWalk, areDatesSeconds: boolean): WalkBounds {
  const from = storedDate(walk.fromDate, areDatesSeconds) ?? INT64_MIN;
  const until = storedDate(walk.untilDate, areDatesSeconds);
  const isFalling = walk.order === "newest-first";
  const edge = isFalling
    ? { date: until ?? INT64_MAX, rowid: until === undefined ? INT64_MAX : INT64_MIN }
    : { date: from, rowid: INT64_MIN };
  const start = walk.after !== undefined && isBeyond(walk.order, walk.after, edge) ? walk.after : edge;
  const lastDate = isFalling ? from : until === undefined ? INT64_MAX : until - 1n;
  return { start, lastDate, undatedBeyond: undatedBeyond(walk.order, start, lastDate) };
}

/** Whether a date, as stored, is one that the walk asks for. */
export function isWithin(date: bigint, walk: MessageWalk, areDatesSeconds: boolean): boolean {
  const from = storedDate(walk.fromDate, areDatesSeconds);
  const until = storedDate(walk.untilDate, areDatesSeconds);
  return (from === undefined || date >= from) && (until === undefined || date < until);
}

/** Two lists that are in order each, as one that is. */
export function mergePlaces(
  order: DateOrder,
  left: readonly MessagePosition[],
  right: readonly MessagePosition[],
): readonly MessagePosition[] {
  if (right.length === 0) return left;
  return [...left, ...right].sort((one, other) => (isBeyond(order, one, other) ? 1 : -1));
}

/** Whether `place` comes after `other` in the order. */
function isBeyond(order: DateOrder, place: MessagePosition, other: MessagePosition): boolean {
  const isLater = place.date === other.date ? place.rowid > other.rowid : place.date > other.date;
  const isEqual = place.date === other.date && place.rowid === other.rowid;
  return order === "oldest-first" ? isLater : !isLater && !isEqual;
}

function undatedBeyond(order: DateOrder, start: MessagePosition, lastDate: bigint): bigint | undefined {
  const isFalling = order === "newest-first";
  if (isFalling ? lastDate > 0n : lastDate < 0n) return undefined;
  if (start.date === 0n) return start.rowid;
  const isAhead = isFalling ? start.date > 0n : start.date < 0n;
  if (!isAhead) return undefined;
  return isFalling ? INT64_MAX : INT64_MIN;
}

/** A bound in nanoseconds as one in what the database stores: the first date that is not before it. */
function storedDate(dateNs: bigint | undefined, areDatesSeconds: boolean): bigint | undefined {
  if (dateNs === undefined || !areDatesSeconds) return dateNs;
  const whole = dateNs / NS_PER_S;
  return dateNs > 0n && dateNs % NS_PER_S !== 0n ? whole + 1n : whole;
}
