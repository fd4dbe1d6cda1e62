/** `attachment.filename` on a Mac; the tilde is literal and means the home that chat.db lies in (docs/chat-db.md §16). */
const MAC_PREFIX = "~/Library/Messages/Attachments/";

/** As rows have it that were synced from an iPhone: the directory is this Mac's all the same. */
const IOS_PREFIXES = [
  "/var/mobile/Library/SMS/Attachments/",
  "/private/var/mobile/Library/SMS/Attachments/",
  "~/Library/SMS/Attachments/",
];

/** Longest path that systems take (PATH_MAX), in UTF-16 units: what is longer names no file. */
const FILENAME_LENGTH_MAX = 4_096;

/** Where a row says that its file lies. */
export type AttachmentPath =
  /** The names on the way down from the Attachments directory, at least one; none is empty, `.` or `..`. */
  | { readonly kind: "inside"; readonly names: readonly string[] }
  /** It has no path yet. */
  | { readonly kind: "none" }
  /** Anywhere else. */
  | { readonly kind: "outside" };

/**
 * Reads `attachment.filename`. `directories` are paths under which the Attachments directory is known, for rows that hold a full
 * path. Pure; whether a path without `..` stays inside is for the file system to say.
 */
export function attachmentPath(filename: string | undefined, directories: readonly string[]): AttachmentPath {
  if (filename === undefined || filename === "") return { kind: "none" };
  if (filename.length > FILENAME_LENGTH_MAX || filename.includes("\0")) return { kind: "outside" };
  const prefixes = [MAC_PREFIX, ...IOS_PREFIXES, ...directories.map((directory) => `${directory}/`)];
  const prefix = prefixes.find((known) => filename.startsWith(known));
  if (prefix === undefined) return { kind: "outside" };
  const names = filename
    .slice(prefix.length)
    .split("/")
    .filter((name) => name !== "" && name !== ".");
  return names.length === 0 || names.includes("..") ? { kind: "outside" } : { kind: "inside", names };
}
