import type { FieldFault } from "../property-list/dictionary-fields.ts";
import type { PropertyListValue } from "../property-list/property-list-value.ts";

/**
 * What `chat.properties` says. A key that is absent reads as null or false; one that cannot be read does too,
 * is among the faults and stays as it is among the others.
 */
export interface ChatProperties {
  /** `groupPhotoGuid`: the attachment that is the group's picture. */
  readonly groupPhotoGuid: string | null;
  /** `ignoreAlertsFlag`. */
  readonly isMuted: boolean;
  /** `shouldForceToSMS`. */
  readonly isForcedToSms: boolean;
  /** `backgroundProperties`; null where there is none. */
  readonly background: ChatBackground | null;
  /** `pv`. */
  readonly propertiesVersion: bigint | null;
  /** `LSMD`, as it stands: what it dates is not known. */
  readonly lsmd: PropertyListValue | null;
  /** `numberOfTimesRespondedtoThread`. */
  readonly responseCount: bigint | null;
  /** `hasBeenAutoSpamReported`. */
  readonly isReportedAsSpam: boolean;
  /** `EMLoadedOnce`. */
  readonly isLoadedOnce: boolean;
  /** Every other key, and those with a fault. */
  readonly other: ReadonlyMap<string, PropertyListValue>;
  readonly faults: readonly FieldFault[];
}

/** The picture behind a chat's messages. The key that decrypts it (`trabak`) is left out on purpose. */
export interface ChatBackground {
  /** `trabaid`: changes with the picture. */
  readonly channelGuid: string | null;
  /** `trabar`: where Apple keeps it. */
  readonly url: string | null;
  /** `trabas`. */
  readonly assetId: string | null;
  /** `traboid`. */
  readonly objectId: string | null;
  /** `trabafs`. */
  readonly fileBytes: bigint | null;
  /** `trabapv`. */
  readonly posterVersion: bigint | null;
  /** `trabav`. */
  readonly version: bigint | null;
  /** `trabaCommSafety`: 0 for nothing found. */
  readonly communicationSafety: bigint | null;
  /** `refreshDate`. */
  readonly refreshedSecondsSince2001: number | null;
  /** Every other key but the secret one, and those with a fault. */
  readonly other: ReadonlyMap<string, PropertyListValue>;
  readonly faults: readonly FieldFault[];
}
