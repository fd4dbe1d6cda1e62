import { ArchivedFields } from "../keyed-archive/archived-fields.ts";
import type { ArchivedValue } from "../keyed-archive/archived-value.ts";
import type { ContentBudget } from "../property-list/content-budget.ts";
import { PayloadError } from "./payload-error.ts";

/**
 * The message of an app's extension: what Messages draws of it when the app is not there. All texts are
 * message text.
 */
export interface AppMessage {
  /** `an`. */
  readonly appName: string | null;
  /** `appid`: the app's number in the App Store. */
  readonly appStoreId: bigint | null;
  /** `URL`: what the app makes of the message. Often a data URL, or a query without a page. */
  readonly url: string | null;
  /** `ldtext`: the message in one line. */
  readonly fallbackText: string | null;
  /** Of the template layout: captions on the left, then on the right, then over the image. */
  readonly caption: string | null;
  readonly subcaption: string | null;
  readonly secondarySubcaption: string | null;
  readonly tertiarySubcaption: string | null;
  readonly imageTitle: string | null;
  readonly imageSubtitle: string | null;
  readonly accessibilityLabel: string | null;
  /** `layoutClass`: MSMessageTemplateLayout. */
  readonly layoutClass: string | null;
  /** Whether the app draws the balloon itself where it is there (`liveLayoutInfo`). */
  readonly isLive: boolean;
  /** The same for the messages that replace each other: a game and its moves, a poll and its votes. */
  readonly sessionIdentifier: string | null;
  /** Bytes of the app's icon (`ai`); null without one. */
  readonly iconBytes: number | null;
}

/** Reads the root of an app's payload. Throws PayloadError: not-an-app-message. */
export function readAppMessage(root: ArchivedValue | undefined, budget: ContentBudget): AppMessage {
  const fields = ArchivedFields.of(root, budget);
  if (fields === null) {
    throw new PayloadError("not-an-app-message", "an archive without a dictionary");
  }
  const layout = fields.fields("userInfo");
  return {
    appName: fields.string("an"),
    appStoreId: storeIdOf(fields),
    url: fields.url("URL"),
    fallbackText: fields.string("ldtext"),
    caption: layout?.string("caption") ?? null,
    subcaption: layout?.string("subcaption") ?? null,
    secondarySubcaption: layout?.string("secondary-subcaption") ?? null,
    tertiarySubcaption: layout?.string("tertiary-subcaption") ?? null,
    imageTitle: layout?.string("image-title") ?? null,
    imageSubtitle: layout?.string("image-subtitle") ?? null,
    accessibilityLabel: fields.string("AccessibilityLabel"),
    layoutClass: fields.string("layoutClass"),
    isLive: fields.has("liveLayoutInfo"),
    sessionIdentifier: fields.uuid("sessionIdentifier"),
    iconBytes: fields.byteLength("ai"),
  };
}

// 19 digits fit in 64 bits or nearly so; store ids have 9 or 10.
function storeIdOf(fields: ArchivedFields): bigint | null {
  const text = fields.string("appid") ?? "";
  return /^[0-9]{1,19}$/.test(text) ? BigInt(text) : fields.integer("appid");
}
