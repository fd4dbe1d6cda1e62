import { ContentBudget } from "../property-list/content-budget.ts";
import { decodePropertyListDictionary } from "../property-list/decode-property-list.ts";
import { DictionaryFields, secondsIn } from "../property-list/dictionary-fields.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";
import type {
  AssociationSummary,
  PartRange,
  PartVersion,
  ScheduleSummary,
  ServiceSummary,
  SummaryInfo,
  TranslationSummary,
} from "./summary-info.ts";

/** 9 digits are any number of bubbles and any length of text. */
const NUMBER_MAX = 999_999_999;

/** What a version counts against the budget beside its body: lists of versions can be shared too. */
const VERSION_UNITS = 32;

/**
 * Reads `message.message_summary_info`. Throws PropertyListError where the bytes are no dictionary, and
 * nothing else: a key that cannot be read is among the faults. Time and memory are linear in the bytes.
 */
export function decodeSummaryInfo(bytes: Uint8Array): SummaryInfo {
  const budget = new ContentBudget(bytes.length);
  const fields = new DictionaryFields(decodePropertyListDictionary(bytes), budget);
  const known = {
    history: historyOf(fields, budget),
    editedParts: partNumbers(fields, "ep"),
    unsentParts: partNumbers(fields, "rp"),
    originalRanges: rangesOf(fields),
    editFailedParts: partNumbers(fields, "edfp"),
    unsendFailedParts: partNumbers(fields, "rdfp"),
    handlesWithoutEditing: fields.strings("euh"),
    usesStandalone: fields.flag("ust") ?? false,
    association: associationOf(fields),
    service: serviceOf(fields),
    formerGuid: fields.string("orgid"),
    schedule: scheduleOf(fields),
    translation: translationOf(fields),
    spam: fields.raw(["smv", "smm"]),
    satellite: fields.raw(["stsn", "stid", "stcuuid", "tsmt", "tsfirstitem"]),
    sharedWithYou: fields.raw(["swyan", "swybid"]),
  };
  return { ...known, other: fields.other(), faults: fields.faults() };
}

function historyOf(
  fields: DictionaryFields,
  budget: ContentBudget,
): ReadonlyMap<number, readonly PartVersion[]> {
  const history = new Map<number, readonly PartVersion[]>();
  for (const [name, value] of fields.dictionary("ec")) {
    const part = partOfName(name);
    if (part === null || value.kind !== "array") {
      fields.fault("ec", "wrong-type");
      continue;
    }
    const versions: PartVersion[] = [];
    for (const item of value.items) {
      const version = versionOf(item);
      if (version === null) {
        fields.fault("ec", "wrong-type");
      } else if (budget.take(unitsOf(version))) {
        versions.push(version);
      } else {
        fields.fault("ec", "too-much-content");
        return history;
      }
    }
    history.set(part, versions);
  }
  return history;
}

function versionOf(value: PropertyListValue): PartVersion | null {
  if (value.kind !== "dictionary") {
    return null;
  }
  const body = value.entries.get("t");
  const guid = value.entries.get("bcg");
  return {
    body: body?.kind === "data" ? body.value : null,
    secondsSince2001: secondsIn(value.entries.get("d")),
    backwardCompatibleGuid: guid?.kind === "string" ? guid.value : null,
  };
}

function unitsOf({ body, backwardCompatibleGuid }: PartVersion): number {
  return VERSION_UNITS + (body?.length ?? 0) + (backwardCompatibleGuid?.length ?? 0);
}

function rangesOf(fields: DictionaryFields): ReadonlyMap<number, PartRange> {
  const ranges = new Map<number, PartRange>();
  for (const [name, value] of fields.dictionary("otr")) {
    const entries = value.kind === "dictionary" ? value.entries : null;
    const part = partOfName(name);
    const start = countIn(entries?.get("lo"));
    const length = countIn(entries?.get("le"));
    if (part === null || start === null || length === null) {
      fields.fault("otr", "wrong-type");
    } else {
      ranges.set(part, { start, length });
    }
  }
  return ranges;
}

// In the order of the column, each once.
function partNumbers(fields: DictionaryFields, key: string): readonly number[] {
  const parts = new Set<number>();
  for (const item of fields.list(key)) {
    const part = countIn(item);
    if (part === null) {
      fields.fault(key, item.kind === "integer" ? "out-of-range" : "wrong-type");
    } else {
      parts.add(part);
    }
  }
  return [...parts];
}

function partOfName(name: string): number | null {
  return /^(0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : null;
}

function countIn(value: PropertyListValue | undefined): number | null {
  const isCount = value?.kind === "integer" && value.value >= 0n && value.value <= NUMBER_MAX;
  return isCount ? Number(value.value) : null;
}

function associationOf(fields: DictionaryFields): AssociationSummary {
  return {
    contentType: fields.integer("amc"),
    summary: fields.string("ams"),
    appBundleId: fields.string("amab"),
    originAppBundleId: fields.string("amsa"),
  };
}

function serviceOf(fields: DictionaryFields): ServiceSummary {
  return {
    isEncrypted: fields.flag("enc") ?? false,
    isInterworked: fields.flag("i") ?? false,
    originalServiceName: fields.string("osn"),
    originalUnformattedId: fields.string("oui"),
    replacementServiceName: fields.string("acsr"),
    replicatedFallbackGuids: fields.strings("rfgs"),
  };
}

function scheduleOf(fields: DictionaryFields): ScheduleSummary {
  return { modifiedSecondsSince2001: fields.seconds("smlmt"), originalGuids: fields.strings("smotg") };
}

function translationOf(fields: DictionaryFields): TranslationSummary {
  return { language: fields.string("translationLanguage"), text: fields.string("translatedText") };
}
