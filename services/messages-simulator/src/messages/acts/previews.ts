import { ATTRIBUTE_KEY } from "@imesh/imessage-codec";
import { LINK_BUNDLE_ID, linkPayload } from "../payloads/link-payload.ts";
import { seeMessage } from "../see.ts";
import { type ActPorts, appleNow, demand, type TouchedMessages, writtenMessage } from "./act.ts";
import { attachmentFilename, kindOf } from "./attachment-files.ts";
import { STATE_FINISHED } from "./attachments.ts";
import { type MessagePart, partsOfRow } from "./message-parts.ts";

/** Every second preview has a picture, and every second is long. */
const PICTURE_SHARE = 0.5;
const LONG_SHARE = 0.5;
const PICTURE_BYTES = { min: 1_000, max: 40_000 } as const;

const NS_PER_S = 1_000_000_000n;

/** A link preview arrives on the same row: its picture with the join in one save, where it has one, then the payload. */
export function addLinkPreview({ rowid }: { rowid: bigint }, ports: ActPorts): TouchedMessages {
  const { writer, random } = ports;
  const message = writtenMessage(writer.database.tables, rowid);
  demand(message.balloonBundleId === null, "the message has a balloon already");
  const parts = partsOfRow(message);
  demand(parts.length > 0, "the message has no content");
  const hasPicture = random.next() < PICTURE_SHARE;
  if (hasPicture) addPicture(rowid, ports);
  const url = linkIn(parts) ?? `https://example.com/page/${random.integer(1, 1_000_000)}`;
  const payload = linkPayload({ url, hasPicture, longShare: LONG_SHARE }, random);
  writer.database.save((tables) => {
    tables.changes.setPreview(rowid, LINK_BUNDLE_ID, payload);
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

/** The first link that the words lead to. */
function linkIn(parts: readonly MessagePart[]): string | undefined {
  for (const { attributes } of parts.flatMap(({ runs }) => runs)) {
    const link = attributes.get(ATTRIBUTE_KEY.link);
    if (link?.kind === "url") return link.value;
  }
  return undefined;
}
