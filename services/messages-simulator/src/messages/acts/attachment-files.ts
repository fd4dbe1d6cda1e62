import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assert } from "@imesh/flow";

const HOME_PREFIX = "~/Library/Messages/Attachments/";

/** Kinds of files that are sent, by their extension. */
const KINDS = {
  jpeg: { mimeType: "image/jpeg", uti: "public.jpeg" },
  heic: { mimeType: "image/heic", uti: "public.heic" },
  mov: { mimeType: "video/quicktime", uti: "com.apple.quicktime-movie" },
  pdf: { mimeType: "application/pdf", uti: "com.adobe.pdf" },
  caf: { mimeType: "audio/x-caf", uti: "com.apple.coreaudio-format" },
  pluginPayloadAttachment: { mimeType: "application/octet-stream", uti: "dyn.age81a5dzq7y066dbtf0g82pnmu" },
} as const;

/** Extension of a file that can be an attachment. */
export type FileKind = keyof typeof KINDS;

/** Kind of a file by its name; files without a known extension are pictures without one (a group's photo). */
export function kindOf(name: string): { readonly mimeType: string; readonly uti: string } {
  const extension = name.slice(name.lastIndexOf(".") + 1);
  return extension in KINDS ? KINDS[extension as FileKind] : KINDS.jpeg;
}

/** `attachment.filename` of a transfer: `~/Library/Messages/Attachments/<2 hex>/<2 digits>/<guid>/<name>` (docs/chat-db.md §16). */
export function attachmentFilename(guid: string, name: string): string {
  const first = createHash("sha256").update(guid).digest()[0] ?? 0;
  const hex = first.toString(16).padStart(2, "0");
  const digits = String(first & 0xf).padStart(2, "0");
  return `${HOME_PREFIX}${hex}/${digits}/${guid}/${name}`;
}

/** The files under `Library/Messages/Attachments`. Synchronous, at most 16 MiB a file. */
export class AttachmentFiles {
  readonly #directory: string;

  /** `directory`: where `~/Library/Messages/Attachments` really is. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Where an `attachment.filename` of ours is on the disk. */
  pathOf(filename: string): string {
    assert(filename.startsWith(HOME_PREFIX), "attachments lie where Messages puts them");
    return join(this.#directory, filename.slice(HOME_PREFIX.length));
  }

  /** Writes the file with bytes that follow from its name alone. */
  write(filename: string, sizeBytes: number): void {
    const path = this.pathOf(filename);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const pattern = createHash("sha512").update(filename).digest();
    writeFileSync(path, Buffer.alloc(sizeBytes, pattern), { mode: 0o600 });
  }

  /** Removes the file with its directory, as far as it is there. */
  remove(filename: string): void {
    rmSync(dirname(this.pathOf(filename)), { recursive: true, force: true });
  }
}
