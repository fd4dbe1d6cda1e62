import { PlistUid, type PlistValue, writeBinaryPlist } from "../../mac/binary-plist-writer.ts";
import { seeMessage } from "../see.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { type ActPorts, appleNow, demand, type TouchedMessages, writtenMessage } from "./act.ts";
import { attachmentFilename, kindOf } from "./attachment-files.ts";
import { STATE_FINISHED } from "./attachments.ts";
import { partsOfRow } from "./message-parts.ts";

const BALLOON_BUNDLE_ID = "com.apple.messages.URLBalloonProvider";

/** Every second preview has a picture. */
const PICTURE_SHARE = 0.5;
const PICTURE_BYTES = { min: 1_000, max: 40_000 } as const;

/** Every second preview is longer than a page, so that its row needs pages of its own for it. */
const LONG_SHARE = 0.5;
const SUMMARY_UNITS = { short: [20, 400], long: [4_500, 20_000] } as const;

const NS_PER_S = 1_000_000_000n;

/** A link preview arrives on the same row: its picture with the join in one save, where it has one, then the payload. */
export function addLinkPreview({ rowid }: { rowid: bigint }, ports: ActPorts): TouchedMessages {
  const { writer, random } = ports;
  const message = writtenMessage(writer.database.tables, rowid);
  demand(message.balloonBundleId === null, "the message has a balloon already");
  demand(partsOfRow(message).length > 0, "the message has no content");
  const hasPicture = random.next() < PICTURE_SHARE;
  if (hasPicture) addPicture(rowid, ports);
  const payload = linkPayload(random, hasPicture);
  writer.database.save((tables) => {
    tables.changes.setPreview(rowid, BALLOON_BUNDLE_ID, payload);
    seeMessage(tables, rowid, "content");
  });
  return [rowid];
}

function addPicture(rowid: bigint, ports: ActPorts): void {
  const { writer, random, files } = ports;
  const guid = random.uuid().toUpperCase();
  const name = `${random.uuid().toUpperCase()}.pluginPayloadAttachment`;
  const file = { filename: attachmentFilename(guid, name), ...kindOf(name) };
  const sizeBytes = random.integer(PICTURE_BYTES.min, PICTURE_BYTES.max);
  const createdSeconds = appleNow(ports) / NS_PER_S;
  files.write(file.filename, sizeBytes);
  writer.database.save((tables) => {
    const attachment = tables.attachments.insert({
      guid,
      originalGuid: guid,
      createdSeconds,
      transferState: STATE_FINISHED,
      transferName: name,
      totalBytes: BigInt(sizeBytes),
      file,
    });
    tables.attachments.join(rowid, attachment);
    seeMessage(tables, rowid, "attachments");
  });
}

/**
 * A keyed archive with the classes and keys of a link's (reference §2.10): enough for a decoder to tell the link, its title and
 * its site.
 */
function linkPayload(random: SeededRandom, hasPicture: boolean): Uint8Array {
  const [least, most] = random.next() < LONG_SHARE ? SUMMARY_UNITS.long : SUMMARY_UNITS.short;
  const page = random.integer(1, 1_000_000);
  const objects: PlistValue[] = ["$null"];
  const place = (value: PlistValue): PlistUid => new PlistUid(objects.push(value) - 1);
  const classOf = (...names: [string, ...string[]]) =>
    place(
      new Map<string, PlistValue>([
        ["$classname", names[0]],
        ["$classes", names],
      ]),
    );
  const url = () =>
    place(
      new Map<string, PlistValue>([
        ["NS.base", new PlistUid(0)],
        ["NS.relative", place(`https://example.com/page/${page}`)],
        ["$class", classOf("NSURL", "NSObject")],
      ]),
    );
  const metadata = () =>
    place(
      new Map<string, PlistValue>([
        ["originalURL", url()],
        ["URL", url()],
        ["title", place(`Page ${page}`)],
        ["siteName", place("Example")],
        ["summary", place(words(random, random.integer(least, most)))],
        ...(hasPicture ? [["image", substitute()] as const] : []),
        ["$class", classOf("LPLinkMetadata", "NSObject")],
      ]),
    );
  const substitute = () =>
    place(
      new Map<string, PlistValue>([
        ["richLinkImageAttachmentSubstituteIndex", 0n],
        ["$class", classOf("RichLinkImageAttachmentSubstitute", "LPImage", "NSObject")],
      ]),
    );
  const root = place(
    new Map<string, PlistValue>([
      ["richLinkIsPlaceholder", false],
      ["richLinkMetadata", metadata()],
      ["$class", classOf("RichLink", "NSObject")],
    ]),
  );
  return writeBinaryPlist(
    new Map<string, PlistValue>([
      ["$version", 100_000n],
      ["$archiver", "NSKeyedArchiver"],
      ["$top", new Map([["root", root]])],
      ["$objects", objects],
    ]),
  );
}

/** Words that a person could have written, cut at `units`. */
function words(random: SeededRandom, units: number): string {
  let text = "";
  while (text.length < units) text += `${random.integer(0, 0xffff_ffff).toString(36)} `;
  return text.slice(0, units);
}
