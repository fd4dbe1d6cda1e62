import { unreachable } from "@imesh/flow";
import type { Exchange } from "./exchange.ts";

/** Who carries a message over a hop. "model" is Claude's API or the local stand-in. */
export type HopProcess = "messages" | "lock-broker" | "mac-bridge" | "agent" | "model";

/**
 * The hops of one exchange in causal order: from the contact's message to the proof that the answer arrived.
 */
export const HOPS = [
  { name: "said", process: "messages", label: "said" },
  { name: "joined", process: "messages", label: "joined" },
  { name: "detected", process: "lock-broker", label: "detected" },
  { name: "read", process: "lock-broker", label: "read" },
  { name: "received", process: "mac-bridge", label: "received" },
  { name: "journaled", process: "mac-bridge", label: "journaled" },
  { name: "agent-received", process: "agent", label: "received" },
  { name: "model-asked", process: "agent", label: "model asked" },
  { name: "first-token", process: "model", label: "first token" },
  { name: "decided", process: "agent", label: "decided" },
  { name: "accepted", process: "mac-bridge", label: "accepted" },
  { name: "dispatched", process: "mac-bridge", label: "dispatched" },
  { name: "returned", process: "mac-bridge", label: "osascript returned" },
  { name: "written", process: "messages", label: "row written" },
  { name: "sent", process: "messages", label: "sent" },
  { name: "delivered", process: "messages", label: "delivered" },
] as const satisfies readonly { name: string; process: HopProcess; label: string }[];

/** Name of a hop; stable, it is a key of the JSON output. */
export type HopName = (typeof HOPS)[number]["name"];

/** A hop that was passed. */
export interface Hop {
  readonly name: HopName;
  readonly process: HopProcess;
  /** For people; unique only together with `process`. */
  readonly label: string;
  /** Wall time, nanoseconds since 1970, by the clock of the process that passed it. */
  readonly atUnixNs: bigint;
  /** Milliseconds since the hop before it in time; 0 for the first. Never negative. */
  readonly deltaMs: number;
  /** Milliseconds since the first hop. */
  readonly sinceStartMs: number;
}

/** Where an exchange stands still: the furthest hop it passed and the one that did not come. */
export interface StopPoint {
  readonly passed: HopName | null;
  readonly missing: HopName;
  /** One phrase: "stopped at mac-bridge → agent", or "stopped in lock-broker between detected and read". */
  readonly description: string;
}

const NS_PER_MS = 1_000_000;

/**
 * The hops that `exchange` passed, by rising time. Hops that ran side by side (the row is often read before
 * osascript is back) thereby stand in the order in which they happened, so that the deltas add up to the
 * total; equal times keep the causal order. Pure.
 */
export function hopsOf(exchange: Exchange): readonly Hop[] {
  const passed = HOPS.flatMap((hop) => {
    const atUnixNs = timeOf(exchange, hop.name);
    return atUnixNs === undefined ? [] : [{ ...hop, atUnixNs }];
  });
  passed.sort((left, right) => Number(left.atUnixNs - right.atUnixNs));
  const first = passed[0];
  return passed.map((hop, index) => ({
    ...hop,
    deltaMs: milliseconds(hop.atUnixNs - (passed[index - 1] ?? hop).atUnixNs),
    sinceStartMs: milliseconds(hop.atUnixNs - (first ?? hop).atUnixNs),
  }));
}

/** Milliseconds from the first hop to the last; 0 without hops. */
export function totalMs(hops: readonly Hop[]): number {
  return hops.at(-1)?.sinceStartMs ?? 0;
}

/** Where `exchange` stands still; undefined when it passed its last hop. Pure. */
export function stopPointOf(exchange: Exchange): StopPoint | undefined {
  const passedIndex = HOPS.findLastIndex((hop) => timeOf(exchange, hop.name) !== undefined);
  const missing = HOPS[passedIndex + 1];
  if (missing === undefined) return undefined;
  const passed = HOPS[passedIndex];
  return {
    passed: passed?.name ?? null,
    missing: missing.name,
    description: describeStop(passed, missing),
  };
}

function describeStop(passed: (typeof HOPS)[number] | undefined, missing: (typeof HOPS)[number]): string {
  if (passed === undefined) return `stopped before ${missing.process}`;
  if (passed.process !== missing.process) return `stopped at ${passed.process} → ${missing.process}`;
  return `stopped in ${passed.process} between ${passed.label} and ${missing.label}`;
}

function timeOf(exchange: Exchange, name: HopName): bigint | undefined {
  const { said, arrival, turn, command } = exchange;
  switch (name) {
    case "said":
      return said.insertedNs;
    case "joined":
      return said.joinedNs;
    case "detected":
      return arrival?.detectedNs;
    case "read":
      return arrival?.readNs;
    case "received":
      return arrival?.receivedNs;
    case "journaled":
      return arrival?.journaledNs;
    case "agent-received":
      return turn?.receivedNs;
    case "model-asked":
      return turn?.startedNs;
    case "first-token":
      return turn?.firstTokenNs;
    case "decided":
      return turn?.decidedNs;
    case "accepted":
      return command?.acceptedNs;
    case "dispatched":
      return command?.dispatchedNs;
    case "returned":
      return command?.returnedNs;
    case "written":
      return command?.writtenNs;
    case "sent":
      return command?.sentNs;
    case "delivered":
      return command?.deliveredNs;
    default:
      return unreachable(name);
  }
}

function milliseconds(ns: bigint): number {
  return Number(ns) / NS_PER_MS;
}
