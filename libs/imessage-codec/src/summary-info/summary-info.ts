import type { FieldFault } from "../property-list/dictionary-fields.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";

/**
 * Values as they stand in the column, by key: for keys whose form or meaning is not known. Shared, never to
 * be walked blindly.
 */
export type RawKeys = ReadonlyMap<string, PropertyListValue>;

/**
 * What `message.message_summary_info` says. A key that is absent reads as null, false or none; one that
 * cannot be read does too, is among the faults and stays as it is among the others. Parts are numbered as in
 * the body, from 0, with gaps after a partial unsend. Ranges are UTF-16 units.
 */
export interface SummaryInfo {
  /** `ec`: the versions of each part that was edited; the first is the original, the last the current one. */
  readonly history: ReadonlyMap<number, readonly PartVersion[]>;
  /** `ep`. */
  readonly editedParts: readonly number[];
  /** `rp`: the only sign of an unsend; date_retracted normally stays 0. */
  readonly unsentParts: readonly number[];
  /** `otr`: where each part was in the text as it was first sent. */
  readonly originalRanges: ReadonlyMap<number, PartRange>;
  /** `edfp`: parts whose edit could not be sent. */
  readonly editFailedParts: readonly number[];
  /** `rdfp`: parts whose unsend could not be sent. */
  readonly unsendFailedParts: readonly number[];
  /** `euh`: handles of recipients whose devices cannot show an edit. Personal data. */
  readonly handlesWithoutEditing: readonly string[];
  /** `ust`. */
  readonly usesStandalone: boolean;
  /** Of a tapback and its like: what it is about. */
  readonly association: AssociationSummary;
  readonly service: ServiceSummary;
  /** `orgid`: the guid before Messages gave the message another one. */
  readonly formerGuid: string | null;
  readonly schedule: ScheduleSummary;
  readonly translation: TranslationSummary;
  /** `smv`, `smm`: what the spam model said. */
  readonly spam: RawKeys;
  /** `stsn`, `stid`, `stcuuid`, `tsmt`, `tsfirstitem`: satellite. */
  readonly satellite: RawKeys;
  /** `swyan`, `swybid`: shared with you. */
  readonly sharedWithYou: RawKeys;
  /** Every other key, and those with a fault. */
  readonly other: RawKeys;
  readonly faults: readonly FieldFault[];
}

/** One version of a part in its history. */
export interface PartVersion {
  /** `t`: an attributed body of the part alone, a view into the column (textOfVersion). */
  readonly body: Uint8Array | null;
  /** `d`: when it was written. */
  readonly secondsSince2001: number | null;
  /** `bcg`: the message that devices without editing were sent in its place. */
  readonly backwardCompatibleGuid: string | null;
}

/** UTF-16 units. */
export interface PartRange {
  readonly start: number;
  readonly length: number;
}

/** Keys of messages about another message. */
export interface AssociationSummary {
  /** `amc`: the kind of its content; 1 is text. */
  readonly contentType: bigint | null;
  /** `ams`: its words. Message text. */
  readonly summary: string | null;
  /** `amab`: the bundle of the app it came from. */
  readonly appBundleId: string | null;
  /** `amsa`: the app that made this message, for instance com.apple.siri. */
  readonly originAppBundleId: string | null;
}

/** Keys about the service that carried the message. */
export interface ServiceSummary {
  /** `enc`: encrypted RCS. */
  readonly isEncrypted: boolean;
  /** `i`: interworked. */
  readonly isInterworked: boolean;
  /** `osn`: the service before a switch. */
  readonly originalServiceName: string | null;
  /** `oui`: the address before it was brought into canonical form. Personal data. */
  readonly originalUnformattedId: string | null;
  /** `acsr`: the service expected to bring the same message again. */
  readonly replacementServiceName: string | null;
  /** `rfgs`: guids under which the same message came over other services. */
  readonly replicatedFallbackGuids: readonly string[];
}

/** Keys of messages to be sent later. */
export interface ScheduleSummary {
  /** `smlmt`: when the schedule was last changed. */
  readonly modifiedSecondsSince2001: number | null;
  /** `smotg`. */
  readonly originalGuids: readonly string[];
}

/** macOS 26: a translation made on this Mac. */
export interface TranslationSummary {
  /** `translationLanguage`. */
  readonly language: string | null;
  /** `translatedText`. Message text. */
  readonly text: string | null;
}
