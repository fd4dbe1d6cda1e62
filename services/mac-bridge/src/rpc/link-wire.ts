import type { LinkPreview as WireLink } from "@imesh/contracts/bridge/v1/content";
import type { LinkPreview } from "@imesh/imessage-codec";
import type { EventRoom } from "./event-room.ts";
import { int64Of } from "./wire-number.ts";

/** Longest URL in UTF-16 units; a longer one is left out. */
export const URL_UNITS_MAX = 8_192;

/** Longest text of a balloon in UTF-16 units; the rest is cut off. */
export const BALLOON_TEXT_UNITS_MAX = 16_384;

/** A preview of a page as the wire has it. */
export function linkToWire(link: LinkPreview, room: EventRoom): WireLink {
  const text = (value: string | null) => room.text(value, BALLOON_TEXT_UNITS_MAX);
  const url = (value: string | null) => room.whole(value, URL_UNITS_MAX) ?? "";
  return {
    url: url(link.url),
    originalUrl: url(link.originalUrl),
    title: text(link.title),
    summary: text(link.summary),
    siteName: text(link.siteName),
    itemType: text(link.itemType),
    isPlaceholder: link.isPlaceholder,
    special: specialOf(link, text),
  };
}

type TextOf = (value: string | null) => string;

/** A document that several people edit says more by its collaboration than by what else it is. */
function specialOf({ collaboration, specialization }: LinkPreview, text: TextOf): WireLink["special"] {
  if (collaboration !== null) {
    const { identifier, title, appBundleId, appName, initiatorHandle } = collaboration;
    return {
      $case: "collaboration",
      value: {
        identifier: text(identifier),
        title: text(title),
        appBundleId: text(appBundleId),
        appName: text(appName),
        initiatorAddress: text(initiatorHandle),
      },
    };
  }
  switch (specialization?.kind) {
    case "music": {
      const { form, name, artist, album, storeIdentifier } = specialization;
      const value = { form, name: text(name), artist: text(artist), album: text(album) };
      return { $case: "music", value: { ...value, storeIdentifier: text(storeIdentifier) } };
    }
    case "podcast": {
      const { name, episodeName, artist, storeIdentifier } = specialization;
      const value = { name: text(name), episodeName: text(episodeName), artist: text(artist) };
      return { $case: "podcast", value: { ...value, storeIdentifier: text(storeIdentifier) } };
    }
    case "app-store": {
      const { name, subtitle, genre, platform, storeIdentifier } = specialization;
      const value = { name: text(name), subtitle: text(subtitle), genre: text(genre) };
      const rest = { platform: text(platform), storeIdentifier: text(storeIdentifier) };
      return { $case: "appStore", value: { ...value, ...rest } };
    }
    case "placemark": {
      const { name, address, latitude, longitude, category } = specialization;
      const value = { name: text(name), address: text(address), category: text(category) };
      const place = { latitude: latitude ?? undefined, longitude: longitude ?? undefined };
      return { $case: "place", value: { ...value, ...place } };
    }
    case "file": {
      const { name, type, fileBytes } = specialization;
      return { $case: "file", value: { name: text(name), uti: text(type), sizeBytes: int64Of(fileBytes) } };
    }
    default:
      // Shared objects and classes that are not known have no words on the wire.
      return undefined;
  }
}
