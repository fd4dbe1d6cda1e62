import { type PropertyListLiteral, type PropertyListValue, propertyListOf } from "@imesh/imessage-codec";
import type { Entries } from "../../mac/property-lists.ts";
import type { MessagePart } from "./message-parts.ts";

/** `message_summary_info` as a dictionary; names and meanings of its keys: docs/chat-db.md §11. Pure. */
export type SummaryInfo = Entries;

/** One version of a part in the history of its edits. */
export interface PartVersion {
  /** An attributed body of the part alone. */
  readonly body: Uint8Array;
  /** Seconds since 2001. */
  readonly atSeconds: number;
}

/** Parts that were taken back. */
export function retractedParts(info: SummaryInfo): readonly number[] {
  return integers(info.get("rp"));
}

/** After an edit of `part`: its history (`ec`) with the first version in front, its number among the edited (`ep`). */
export function withEdit(
  info: SummaryInfo,
  part: number,
  versions: { readonly before: PartVersion; readonly after: PartVersion },
): SummaryInfo {
  const histories = dictionary(info.get("ec"));
  const history = list(histories.get(String(part))) ?? [version(versions.before)];
  const longer = [...history, version(versions.after)];
  return withKeys(info, [
    ["ec", new Map<string, PropertyListLiteral>([...histories, [String(part), longer]])],
    ["ep", union(integers(info.get("ep")), [part])],
  ]);
}

/** After an unsend: the parts among those taken back (`rp`). */
export function withRetraction(info: SummaryInfo, parts: readonly number[]): SummaryInfo {
  return withKeys(info, [["rp", union(retractedParts(info), parts)]]);
}

/** With the ranges of the parts as they were at first (`otr`), where no change before has noted them. */
export function withOriginalRanges(info: SummaryInfo, parts: readonly MessagePart[]): SummaryInfo {
  if (info.has("otr")) return info;
  const ranges = parts.map(({ part, start, text }): readonly [string, PropertyListLiteral] => [
    String(part),
    new Map([
      ["lo", BigInt(start)],
      ["le", BigInt(text.length)],
    ]),
  ]);
  return withKeys(info, [["otr", new Map(ranges)]]);
}

/** With the guid that the message had at first (`orgid`). */
export function withFormerGuid(info: SummaryInfo, guid: string): SummaryInfo {
  return info.has("orgid") ? info : withKeys(info, [["orgid", guid]]);
}

/** Of a tapback: the kind of what it is about (`amc`: 1) and its words (`ams`). */
export function tapbackSummary(quoted: string): SummaryInfo {
  return withKeys(new Map(), [
    ["amc", 1n],
    ["ams", quoted],
  ]);
}

function withKeys(info: SummaryInfo, keys: readonly (readonly [string, PropertyListLiteral])[]): SummaryInfo {
  return new Map([...info, ...keys.map(([key, value]) => [key, propertyListOf(value)] as const)]);
}

function version({ body, atSeconds }: PartVersion): PropertyListValue {
  return propertyListOf(
    new Map<string, PropertyListLiteral>([
      ["t", body],
      ["d", atSeconds],
    ]),
  );
}

function list(value: PropertyListValue | undefined): readonly PropertyListValue[] | undefined {
  return value?.kind === "array" ? value.items : undefined;
}

function dictionary(value: PropertyListValue | undefined): Entries {
  return value?.kind === "dictionary" ? value.entries : new Map();
}

function integers(value: PropertyListValue | undefined): readonly number[] {
  return (list(value) ?? []).flatMap((each) => (each.kind === "integer" ? [Number(each.value)] : []));
}

function union(before: readonly number[], added: readonly number[]): readonly bigint[] {
  return [...new Set([...before, ...added])].sort((a, b) => a - b).map(BigInt);
}
