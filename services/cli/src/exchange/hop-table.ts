import { formatMs } from "../terminal/duration.ts";
import type { Style } from "../terminal/style.ts";
import { cell, tableLines } from "../terminal/table.ts";
import { type Hop, totalMs } from "./hops.ts";

/**
 * The hops of an exchange, compact: one line for each stretch within one process, each hop with the time
 * since the hop before it, then the total. Empty for no hops.
 */
export function hopTableLines(hops: readonly Hop[], style: Style): string[] {
  if (hops.length === 0) return [];
  const rows = stretches(hops).map((stretch) => {
    const [first] = stretch;
    const process = first?.process ?? "";
    return [
      { text: process, shown: style("accent", process) },
      cell(stretch.map((hop) => describeHop(hop, hop === hops[0], style)).join(style("dim", " · "))),
    ];
  });
  const total = formatMs(totalMs(hops));
  rows.push([
    { text: "total", shown: style("strong", "total") },
    { text: total, shown: style("strong", total) },
  ]);
  return tableLines(rows, "  ");
}

/** The hops as JSON: stable names, times in milliseconds. */
export function hopRecords(hops: readonly Hop[]): readonly Readonly<Record<string, unknown>>[] {
  return hops.map((hop) => ({
    hop: hop.name,
    process: hop.process,
    atUnixNs: hop.atUnixNs,
    deltaMs: hop.deltaMs,
    sinceStartMs: hop.sinceStartMs,
  }));
}

function describeHop(hop: Hop, isStart: boolean, style: Style): string {
  return isStart ? hop.label : `${hop.label} ${style("dim", `+${formatMs(hop.deltaMs)}`)}`;
}

function stretches(hops: readonly Hop[]): Hop[][] {
  const groups: Hop[][] = [];
  for (const hop of hops) {
    const group = groups.at(-1);
    if (group !== undefined && group[0]?.process === hop.process) group.push(hop);
    else groups.push([hop]);
  }
  return groups;
}
