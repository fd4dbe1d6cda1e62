import {
  type ChatProperties,
  type PartVersion,
  type PropertyListValue,
  type SummaryInfo,
  textOfVersion,
} from "@imesh/imessage-codec";
import { entriesOf, type PlainRecord, type PlainValue } from "./plain-value.ts";
import type { PlainWriter } from "./plain-writer.ts";

type RawEntries = ReadonlyMap<string, PropertyListValue>;

/** `message_summary_info`: what it says, versions of parts with their texts, then the keys that nobody reads. */
export function summaryInfoRecord(summary: SummaryInfo, writer: PlainWriter): PlainRecord {
  const { history, spam, satellite, sharedWithYou, other, faults, ...known } = summary;
  const versions = [...history].map(([part, list]) => [String(part), list] as const);
  return joined(
    [
      [
        "history",
        writer.record(versions, (list) => writer.list(list, (version) => versionRecord(version, writer))),
      ],
    ],
    entriesOf(writer.model(known)),
    rawEntries({ spam, satellite, sharedWithYou, other }, writer),
    entriesOf(writer.model({ faults })),
  );
}

function versionRecord(version: PartVersion, writer: PlainWriter): PlainValue {
  const { body, ...facts } = version;
  const text = textOfVersion(version);
  return writer.model({ text, bodyBytes: body?.length ?? null, ...facts });
}

/** `chat.properties`: what it says, then the keys that nobody reads. */
export function chatPropertiesRecord(properties: ChatProperties, writer: PlainWriter): PlainRecord {
  const { background, lsmd, other, faults, ...known } = properties;
  return joined(
    entriesOf(writer.model(known)),
    background === null ? [] : [["background", backgroundRecord(background, writer)]],
    lsmd === null ? [] : [["lsmd", writer.value(lsmd)]],
    rawEntries({ other }, writer),
    entriesOf(writer.model({ faults })),
  );
}

function backgroundRecord(
  { other, faults, ...known }: NonNullable<ChatProperties["background"]>,
  writer: PlainWriter,
): PlainRecord {
  return joined(entriesOf(writer.model({ ...known, faults })), rawEntries({ other }, writer));
}

/** Keys with values as they stand in the column; those without any are left out. */
function rawEntries(
  groups: Readonly<Record<string, RawEntries>>,
  writer: PlainWriter,
): (readonly [string, PlainValue])[] {
  return Object.entries(groups)
    .filter(([, entries]) => entries.size > 0)
    .map(([name, entries]) => [name, writer.record(entries, (value) => writer.value(value))] as const);
}

function joined(...groups: readonly (readonly (readonly [string, PlainValue])[])[]): PlainRecord {
  return new Map(groups.flat());
}
