import {
  ATTRIBUTE_KEY,
  type AttributeRun,
  type AttributeValue,
  type PropertyListLiteral,
} from "@imesh/imessage-codec";
import type { AttachmentFacts } from "../../mac/attachment-tables.ts";
import { readEntries, writeEntries } from "../../mac/property-lists.ts";
import type { Tables } from "../../mac/tables.ts";
import { readBody } from "../bodies.ts";
import { OrderRefusedError } from "../say-order.ts";
import { seeAttachment, seeMessage } from "../see.ts";
import { type ActPorts, demand, NotThereError, type TouchedMessages, writtenMessage } from "./act.ts";
import { attachmentFilename, kindOf } from "./attachment-files.ts";
import { permanentGuid, STATE_FINISHED } from "./attachments.ts";
import { attachmentOf, encodeParts, type MessagePart, partsOf } from "./message-parts.ts";
import { checkText } from "./order-checks.ts";

const STATE_TRANSFERRING = 3;
const STATES_FAILED: readonly number[] = [6, 7];

/** Attribute of a voice message's slot: what was said in it. */
const TRANSCRIPTION = ATTRIBUTE_KEY.audioTranscript;

/**
 * A transfer goes on (docs/chat-db.md §18). Its file gets a name in a save of its own; the file is on the disk before the save
 * that says so, which also replaces the temporary guid, in the row and in the bodies of its messages.
 */
export function advanceAttachment(
  order: { rowid: bigint; transferState: number },
  ports: ActPorts,
): TouchedMessages {
  const { transferState: state } = order;
  if (state !== STATE_TRANSFERRING && state !== STATE_FINISHED && !STATES_FAILED.includes(state)) {
    throw new OrderRefusedError("transfer_state", "must be 3, 5, 6 or 7");
  }
  const { database } = ports.writer;
  const attachment = database.tables.attachments.facts(order.rowid);
  if (attachment === undefined) throw new NotThereError("attachment");
  const messages = database.tables.attachments.messagesOf(attachment.rowid);
  const isSeen = messages.some((rowid) =>
    database.tables.changes.chatsOf(rowid).some(({ isRecoverable }) => !isRecoverable),
  );
  demand(isSeen, "the attachment is in no message of a chat");
  demand(Number(attachment.transferState) !== STATE_FINISHED, "the transfer is finished");
  demand(Number(attachment.transferState) !== state, "the transfer is there already");
  if (state === STATE_FINISHED) finish(attachment, messages, ports);
  else if (state === STATE_TRANSFERRING) start(attachment, ports);
  else {
    database.save((tables) => {
      tables.attachments.setState(attachment.rowid, state);
      seeAttachment(tables, attachment.rowid, "failed");
    });
  }
  return messages;
}

function start(attachment: AttachmentFacts, { writer }: ActPorts): void {
  writer.database.save((tables) => {
    if (attachment.filename === null) tables.attachments.setFile(attachment.rowid, fileOf(attachment));
    tables.attachments.setState(attachment.rowid, STATE_TRANSFERRING);
    seeAttachment(tables, attachment.rowid, "progress");
  });
}

function finish(attachment: AttachmentFacts, messages: readonly bigint[], ports: ActPorts): void {
  const { database } = ports.writer;
  const { rowid } = attachment;
  const file = fileOf(attachment);
  if (attachment.filename === null) {
    database.save((tables) => {
      tables.attachments.setFile(rowid, file);
      seeAttachment(tables, rowid, "progress");
    });
  }
  ports.files.write(attachment.filename ?? file.filename, Number(attachment.totalBytes));
  database.save((tables) => {
    tables.attachments.setState(rowid, STATE_FINISHED);
    const isRenamed = replaceGuid(tables, attachment, messages);
    if (isRenamed) seeAttachment(tables, rowid, "ready", "guid");
    else seeAttachment(tables, rowid, "ready");
  });
}

/** The permanent guid, which the first message that has it gives. A body that names it is written anew; nobody sees that. */
function replaceGuid(tables: Tables, attachment: AttachmentFacts, messages: readonly bigint[]): boolean {
  for (const messageRowid of messages) {
    const message = tables.changes.facts(messageRowid);
    const body = readBody(message?.attributedBody ?? null);
    const parts = body === undefined ? [] : partsOf(body);
    const part = parts.find((each) => attachmentOf(each) === attachment.guid);
    if (message === undefined || part === undefined) continue;
    const guid = permanentGuid(part.part, message.guid);
    if (guid === attachment.guid || tables.attachments.byGuid(guid) !== undefined) return false;
    const renamed = withAttribute(part, ATTRIBUTE_KEY.fileTransferGuid, guid);
    const rewritten = parts.map((each) => (each === part ? renamed : each));
    tables.changes.setBody(messageRowid, encodeParts(rewritten));
    tables.attachments.setGuid(attachment.rowid, guid);
    return true;
  }
  return false;
}

/**
 * A voice message's words arrive: in the body of the message, then in the user info of its attachment, a save each.
 */
export function transcribe(order: { rowid: bigint; text: string }, ports: ActPorts): TouchedMessages {
  checkText(order.text);
  const { database } = ports.writer;
  const message = writtenMessage(database.tables, order.rowid);
  demand(message.isAudioMessage === 1n, "the message is no voice message");
  const body = readBody(message.attributedBody);
  const parts = body === undefined ? [] : partsOf(body);
  const part = parts.find((each) => attachmentOf(each) !== undefined);
  demand(part !== undefined, "the voice of the message was taken back");
  const known = part.runs[0]?.attributes.get(TRANSCRIPTION);
  demand(known?.kind !== "string" || known.value !== order.text, "the message has that transcript already");
  const transcribed = withAttribute(part, TRANSCRIPTION, order.text);
  const rewritten = encodeParts(parts.map((each) => (each === part ? transcribed : each)));
  database.save((tables) => {
    tables.changes.setBody(message.rowid, rewritten);
    seeMessage(tables, message.rowid, "content");
  });
  const attachment = database.tables.attachments.byGuid(attachmentOf(part) ?? "");
  if (attachment === undefined) return [message.rowid];
  const userInfo = new Map<string, PropertyListLiteral>([
    ...readEntries(attachment.userInfo),
    ["audio-transcription", order.text],
  ]);
  database.save((tables) => {
    tables.attachments.setUserInfo(attachment.rowid, writeEntries(userInfo));
    seeAttachment(tables, attachment.rowid, "info");
  });
  return [message.rowid];
}

function fileOf({ guid, transferName }: AttachmentFacts) {
  return { filename: attachmentFilename(guid, transferName), ...kindOf(transferName) };
}

/** The part with the attribute on the place of its file, in its order where it was there before. */
function withAttribute(part: MessagePart, name: string, value: string): MessagePart {
  const attribute: AttributeValue = { kind: "string", value };
  const runs = part.runs.map(
    ({ length, attributes }): AttributeRun => ({
      length,
      attributes: attributes.has(ATTRIBUTE_KEY.fileTransferGuid)
        ? new Map([...attributes, [name, attribute]])
        : attributes,
    }),
  );
  return { ...part, runs };
}
