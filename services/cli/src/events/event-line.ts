import type { Event } from "@imesh/contracts/bridge/v1/event";
import { withoutControls } from "../terminal/control-text.ts";
import { formatTimeOfDay } from "../terminal/duration.ts";
import type { Style } from "../terminal/style.ts";
import { describeEvent } from "./describe-event.ts";
import { arrivalWord } from "./event-words.ts";
import { unixNs } from "./unix-ns.ts";

const SEQUENCE_WIDTH = 6;
const ARRIVAL_WIDTH = "catch-up".length;
const KIND_WIDTH = "undecodable".length;

/**
 * One event on one line for a person: sequence, time, how it arrived, what it is, and in brackets what more is
 * worth knowing. Control characters are made visible.
 */
export function eventLine(event: Event, style: Style): string {
  const { kind, tone, text, facts = [] } = describeEvent(event);
  const at = eventTimeNs(event);
  const columns = [
    style("dim", String(event.sequence).padStart(SEQUENCE_WIDTH)),
    style("dim", at === undefined ? "--:--:--.---" : formatTimeOfDay(at)),
    style("dim", arrivalWord(event.arrivalClass).padEnd(ARRIVAL_WIDTH)),
    style(tone, kind.padEnd(KIND_WIDTH)),
    printable(text.trimEnd()),
  ];
  if (facts.length > 0) columns.push(style("dim", printable(`[${facts.join("; ")}]`)));
  return columns.join("  ");
}

/** Text of others made safe, with a sign of its own where an attachment sits: most fonts have none for U+FFFC. */
function printable(text: string): string {
  return withoutControls(text).replaceAll("\ufffc", "▣");
}

/** When it was journaled, else sent; undefined where it does not say. */
export function eventTimeNs({ hopTimes }: Event): bigint | undefined {
  return unixNs(hopTimes?.journaledTime) ?? unixNs(hopTimes?.sentTime);
}
