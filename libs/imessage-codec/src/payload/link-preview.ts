import { ArchivedFields } from "../keyed-archive/archived-fields.ts";
import type { ArchivedValue } from "../keyed-archive/archived-value.ts";
import type { ContentBudget } from "../property-list/content-budget.ts";
import { type LinkSpecialization, readLinkSpecialization } from "./link-specialization.ts";
import { PayloadError } from "./payload-error.ts";

/** What Messages knows of a linked page. All texts come from the page, or from whoever sent the message. */
export interface LinkPreview {
  /** As it was typed. */
  readonly originalUrl: string | null;
  /** After redirections. */
  readonly url: string | null;
  readonly title: string | null;
  readonly summary: string | null;
  /** Words that were selected on the page. */
  readonly selection: string | null;
  readonly siteName: string | null;
  /** Open Graph's type: `article`, `music.song`. */
  readonly itemType: string | null;
  readonly creator: string | null;
  /** The page was not loaded yet. */
  readonly isPlaceholder: boolean;
  /** Which of the message's `.pluginPayloadAttachment`s, counted from 0, is the picture. */
  readonly imageAttachmentIndex: number | null;
  readonly iconAttachmentIndex: number | null;
  /** More pictures. */
  readonly alternateImageAttachmentIndexes: readonly number[];
  /** Where the picture was loaded from. */
  readonly imageUrl: string | null;
  readonly iconUrl: string | null;
  readonly videoUrl: string | null;
  /** What more is known of a song, an app, a place; null for an ordinary page. */
  readonly specialization: LinkSpecialization | null;
  /** Set for a shared document that several people edit. */
  readonly collaboration: Collaboration | null;
}

/** A document that several people edit. */
export interface Collaboration {
  readonly identifier: string | null;
  readonly title: string | null;
  readonly createdSecondsSince2001: number | null;
  /** Of the app that opens it. */
  readonly appBundleId: string | null;
  readonly appName: string | null;
  /** Who shared it. Personal data. */
  readonly initiatorHandle: string | null;
}

/** Pictures of one page beyond this are left out. */
const ALTERNATE_IMAGES_MAX = 32;

/** A message has far fewer attachments. */
const ATTACHMENT_INDEX_MAX = 9_999n;

/** The fields of a link's metadata, or null when the archive is no link's. */
export function linkMetadataOf(
  root: ArchivedValue | undefined,
  budget: ContentBudget,
): ArchivedFields | null {
  return ArchivedFields.of(root, budget)?.fields("richLinkMetadata") ?? null;
}

/** Reads the root of a link's payload (RichLink with LPLinkMetadata). Throws PayloadError: not-a-link. */
export function readLinkPreview(root: ArchivedValue | undefined, budget: ContentBudget): LinkPreview {
  const metadata = linkMetadataOf(root, budget);
  if (metadata === null) {
    throw new PayloadError("not-a-link", "an archive without link metadata");
  }
  return {
    originalUrl: metadata.url("originalURL"),
    url: metadata.url("URL"),
    title: metadata.string("title"),
    summary: metadata.string("summary"),
    selection: metadata.string("selection"),
    siteName: metadata.string("siteName"),
    itemType: metadata.string("itemType"),
    creator: metadata.string("creator"),
    isPlaceholder: ArchivedFields.of(root, budget)?.isSet("richLinkIsPlaceholder") ?? false,
    imageAttachmentIndex: attachmentIndexOf(metadata.fields("image")),
    iconAttachmentIndex: attachmentIndexOf(metadata.fields("icon")),
    alternateImageAttachmentIndexes: alternateIndexesOf(metadata, budget),
    imageUrl: resourceUrlOf(metadata, { one: "imageMetadata", list: "images" }, budget),
    iconUrl: resourceUrlOf(metadata, { one: "iconMetadata", list: "icons" }, budget),
    videoUrl: resourceUrlOf(metadata, { one: "videoMetadata", list: "videos" }, budget),
    specialization: specializationOf(metadata, budget),
    collaboration: collaborationOf(metadata, budget),
  };
}

// A substitute stands for the picture, whose bytes are in an attachment.
function attachmentIndexOf(substitute: ArchivedFields | null): number | null {
  const index = substitute?.integer("richLinkImageAttachmentSubstituteIndex") ?? -1n;
  return index >= 0n && index <= ATTACHMENT_INDEX_MAX ? Number(index) : null;
}

function alternateIndexesOf(metadata: ArchivedFields, budget: ContentBudget): readonly number[] {
  const images = metadata.items("alternateImages", ALTERNATE_IMAGES_MAX);
  return images
    .map((image) => attachmentIndexOf(ArchivedFields.of(image, budget)))
    .filter((index) => index !== null);
}

function resourceUrlOf(
  metadata: ArchivedFields,
  names: { readonly one: string; readonly list: string },
  budget: ContentBudget,
): string | null {
  const [first] = metadata.items(names.list, 1);
  return metadata.fields(names.one)?.url("URL") ?? ArchivedFields.of(first, budget)?.url("URL") ?? null;
}

// Newer systems write the second beside the first, for what older ones cannot read.
function specializationOf(metadata: ArchivedFields, budget: ContentBudget): LinkSpecialization | null {
  const value = metadata.has("specialization2") ? "specialization2" : "specialization";
  return readLinkSpecialization(metadata.value(value), budget);
}

function collaborationOf(metadata: ArchivedFields, budget: ContentBudget): Collaboration | null {
  const fields = metadata.fields("collaborationMetadata");
  if (fields === null) {
    return null;
  }
  const [bundle] = fields.items("ckAppBundleIDs", 1);
  const container = fields.fields("containerSetupInfo")?.fields("containerID") ?? null;
  const bundleOf = bundle === undefined ? null : new ArchivedFields(new Map([["id", bundle]]), budget);
  const shared = metadata.fields("specialization2");
  return {
    identifier: fields.string("collaborationIdentifier"),
    title: fields.string("title"),
    createdSecondsSince2001: fields.date("creationDate"),
    appBundleId: container?.string("ContainerIdentifier") ?? bundleOf?.string("id") ?? null,
    appName: shared?.fields("specialization")?.string("application") ?? null,
    initiatorHandle: fields.string("initiatorHandle"),
  };
}
