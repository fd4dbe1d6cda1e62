import type { PropertyListLiteral } from "@imesh/imessage-codec";
import { writeEntries } from "../../mac/property-lists.ts";
import type { Tables } from "../../mac/tables.ts";
import type { ActPorts } from "./act.ts";
import {
  attachmentPart,
  insertTransfer,
  permanentGuid,
  STATE_FINISHED,
  writeTransferFile,
} from "./attachments.ts";
import type { MessagePart } from "./message-parts.ts";

const STICKER_BYTES = { min: 500, max: 30_000 } as const;

/** A sticker that is to be sent with a row. */
export interface Sticker {
  /** Its place in the body. */
  readonly part: MessagePart;
  /** Writes its row and the join, in the save of the message. */
  readonly attach: (isOutgoing: boolean) => (tables: Tables, rowid: bigint) => void;
}

/** A sticker of a message, its file on the disk already (docs/chat-db.md §16). */
export function makeSticker(messageGuid: string, part: number, ports: ActPorts): Sticker {
  const { random } = ports;
  const transfer = { guid: permanentGuid(part, messageGuid), name: "Sticker.heic" };
  const sizeBytes = BigInt(random.integer(STICKER_BYTES.min, STICKER_BYTES.max));
  const file = { sizeBytes, transferState: STATE_FINISHED };
  const stickerInfo = writeEntries(placement(ports));
  writeTransferFile(transfer, file, ports);
  return {
    part: attachmentPart(part, transfer.guid),
    attach: (isOutgoing) => (tables, rowid) => {
      const facts = { ...file, isOutgoing, isSticker: true, stickerInfo };
      tables.attachments.join(rowid, insertTransfer(tables, transfer, facts, ports));
    },
  };
}

/** Which sticker it is, and where on the bubble, in shares of its size. */
function placement({ random }: ActPorts): ReadonlyMap<string, PropertyListLiteral> {
  return new Map<string, PropertyListLiteral>([
    ["sid", random.uuid().toUpperCase()],
    ["shash", random.uuid().replaceAll("-", "")],
    ["spw", random.next()],
    ["sxs", random.next()],
    ["sys", random.next()],
  ]);
}
