import { ArchivedFields } from "../keyed-archive/archived-fields.ts";
import type { ArchivedValue } from "../keyed-archive/archived-value.ts";
import type { ContentBudget } from "../property-list/content-budget.ts";

/** What is known of special pages, by the class that Apple's link code makes of them. */
export type LinkSpecialization =
  /** Apple Music: a song, album, playlist, artist, or a music video. */
  | {
      readonly kind: "music";
      /** The class without its frame: `Song`, `Album`, `Playlist`. */
      readonly form: string;
      readonly name: string | null;
      readonly artist: string | null;
      readonly album: string | null;
      readonly lyrics: string | null;
      readonly previewUrl: string | null;
      readonly storeIdentifier: string | null;
    }
  /** A podcast, or an episode of one. */
  | {
      readonly kind: "podcast";
      readonly name: string | null;
      readonly episodeName: string | null;
      readonly artist: string | null;
      readonly storeIdentifier: string | null;
    }
  /** An app in the App Store. */
  | {
      readonly kind: "app-store";
      readonly name: string | null;
      readonly subtitle: string | null;
      readonly genre: string | null;
      readonly platform: string | null;
      readonly storeIdentifier: string | null;
    }
  /** A place in Apple Maps. */
  | {
      readonly kind: "placemark";
      readonly name: string | null;
      readonly address: string | null;
      readonly latitude: number | null;
      readonly longitude: number | null;
      readonly category: string | null;
      readonly addressParts: AddressParts | null;
    }
  | {
      readonly kind: "file";
      readonly name: string | null;
      /** Uniform type identifier. */
      readonly type: string | null;
      readonly fileBytes: bigint | null;
    }
  /** Something shared from an app. */
  | {
      readonly kind: "shared-object";
      readonly title: string | null;
      readonly subtitle: string | null;
      readonly information: string | null;
      readonly isCollaboration: boolean;
    }
  /** A class that is not described here. */
  | { readonly kind: "other"; readonly className: string };

/** An address taken apart (CNPostalAddress). */
export interface AddressParts {
  readonly street: string | null;
  readonly subLocality: string | null;
  readonly city: string | null;
  readonly subAdministrativeArea: string | null;
  readonly state: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  /** Two letters. */
  readonly countryCode: string | null;
}

/** `LPiTunesMediaSongMetadata` and its like. */
const MUSIC_CLASS = /^LPiTunesMedia(Song|Album|Playlist|Artist|MusicVideo|RadioStation)Metadata$/;

/** Class names are of the sender's making, too. */
const CLASS_NAME_LENGTH_MAX = 128;

/** Reads a link's specialization by its class; null when there is none. Never throws. */
export function readLinkSpecialization(
  value: ArchivedValue | undefined,
  budget: ContentBudget,
): LinkSpecialization | null {
  if (value?.kind !== "object") {
    return null;
  }
  const { className } = value;
  const fields = new ArchivedFields(value.fields, budget);
  const musicForm = className.length <= CLASS_NAME_LENGTH_MAX ? MUSIC_CLASS.exec(className)?.[1] : undefined;
  if (musicForm !== undefined) {
    return readMusic(musicForm, fields);
  }
  switch (className) {
    case "LPiTunesMediaPodcastMetadata":
    case "LPiTunesMediaPodcastEpisodeMetadata":
      return {
        kind: "podcast",
        name: fields.string("podcastName") ?? fields.string("name"),
        episodeName: fields.string("episodeName"),
        artist: fields.string("artist"),
        storeIdentifier: fields.string("storeIdentifier"),
      };
    case "LPiTunesMediaSoftwareMetadata":
      return {
        kind: "app-store",
        name: fields.string("name"),
        subtitle: fields.string("subtitle"),
        genre: fields.string("genre"),
        platform: fields.string("platform"),
        storeIdentifier: fields.string("storeIdentifier"),
      };
    case "LPMapMetadata":
      return readPlacemark(fields);
    case "LPFileMetadata":
      return {
        kind: "file",
        name: fields.string("name"),
        type: fields.string("type"),
        fileBytes: fields.integer("size"),
      };
    case "LPSharedObjectMetadata":
      return {
        kind: "shared-object",
        title: fields.string("title"),
        subtitle: fields.string("subtitle"),
        information: fields.string("information"),
        isCollaboration: fields.isSet("isCollaboration"),
      };
    default:
      return { kind: "other", className: className.slice(0, CLASS_NAME_LENGTH_MAX) };
  }
}

function readMusic(form: string, fields: ArchivedFields): LinkSpecialization {
  return {
    kind: "music",
    form,
    name: fields.string("name"),
    artist: fields.string("artist"),
    album: fields.string("album"),
    lyrics: fields.string("lyrics"),
    previewUrl: fields.url("previewURL"),
    storeIdentifier: fields.string("storeIdentifier"),
  };
}

function readPlacemark(fields: ArchivedFields): LinkSpecialization {
  const parts = fields.fields("addressComponents");
  return {
    kind: "placemark",
    name: fields.string("name"),
    address: fields.string("address"),
    latitude: fields.number("locationLatitude"),
    longitude: fields.number("locationLongitude"),
    category: fields.string("category"),
    addressParts: parts === null ? null : readAddressParts(parts),
  };
}

function readAddressParts(parts: ArchivedFields): AddressParts {
  return {
    street: parts.string("_street"),
    subLocality: parts.string("_subLocality"),
    city: parts.string("_city"),
    subAdministrativeArea: parts.string("_subAdministrativeArea"),
    state: parts.string("_state"),
    postalCode: parts.string("_postalCode"),
    country: parts.string("_country"),
    countryCode: parts.string("_ISOCountryCode"),
  };
}
