import type { Event } from "@imesh/contracts/bridge/v1/event";
import { formatDay } from "../terminal/duration.ts";
import { eventTimeNs } from "./event-line.ts";

/** Which day the times of the lines belong to: they are times of day. */
export class DayLines {
  #day: string;

  /** A day is new when it is not the one of `nowUnixNs`, or not the one before. */
  constructor(nowUnixNs: bigint) {
    this.#day = formatDay(nowUnixNs);
  }

  /** The local day of `event` when its line is the first of that day; undefined otherwise. */
  newDay(event: Event): string | undefined {
    const at = eventTimeNs(event);
    const day = at === undefined ? this.#day : formatDay(at);
    if (day === this.#day) return undefined;
    this.#day = day;
    return day;
  }
}
