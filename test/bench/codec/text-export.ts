/**
 * Writes what people said as text, a file for each chat: when, who, the words and their former versions, the names of attachments, what
 * is known of a link; reactions and all other rows too. Prints one line of JSON: messages, and blocks written that are no reactions.
 *
 *   node text-export.ts CHAT_DB DIRECTORY
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  type Balloon,
  type DecodedMessage,
  type DecodedRow,
  decodeMessageRow,
  decodeSummaryInfo,
  textOfVersion,
} from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";
import { messagePages } from "./message-pages.ts";

const BUFFER_UNITS = 65_536;

const [chatDbPath = "", directory = ""] = process.argv.slice(2);

/** A file that takes text in large pieces. */
class TextFile {
  readonly #descriptor: number;
  #text = "";

  constructor(name: string) {
    this.#descriptor = openSync(join(directory, name), "wx");
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= BUFFER_UNITS) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    this.#text = "";
  }
}

function blockOf(row: MessageRow, decoded: DecodedRow): string {
  const who = decoded.direction === "own" ? "Me" : (decoded.sender?.address ?? "Unknown");
  return `${timeOf(decoded)}\n${who}\n${linesOf(row, decoded)}\n`;
}

function timeOf({ sentAtUnixNs }: DecodedRow): string {
  return sentAtUnixNs === null ? "undated" : new Date(Number(sentAtUnixNs / 1_000_000n)).toISOString();
}

function linesOf(row: MessageRow, decoded: DecodedRow): string {
  switch (decoded.kind) {
    case "message":
      return messageLines(row, decoded);
    case "reaction":
      return `${decoded.action} ${decoded.emoji ?? decoded.reaction} on ${decoded.target.guid}\n`;
    case "group-change":
      return `${decoded.change.kind}\n`;
    default:
      return `${decoded.kind}\n`;
  }
}

function messageLines(row: MessageRow, message: DecodedMessage): string {
  let lines = message.subject === null ? "" : `${message.subject}\n`;
  if (message.reply !== null) lines += `in reply to ${message.reply.originatorGuid}\n`;
  if (message.text !== "") lines += `${message.text}\n`;
  for (const { name, guid } of message.attachments) lines += `${name ?? guid}\n`;
  if (message.balloon !== null) lines += balloonLines(message.balloon);
  if (message.effectId !== null) lines += `sent with ${message.effectId}\n`;
  return message.isEdited ? lines + historyLines(row) : lines;
}

function balloonLines(balloon: Balloon): string {
  if (balloon.kind !== "link-preview") return `${balloon.kind}\n`;
  const { url, title, summary } = balloon.link;
  return `${url ?? ""}\n${title ?? ""}\n${summary ?? ""}\n`;
}

/** What the message said before. */
function historyLines({ messageSummaryInfo }: MessageRow): string {
  if (messageSummaryInfo === null) return "edited\n";
  let lines = "edited\n";
  for (const versions of decodeSummaryInfo(messageSummaryInfo).history.values()) {
    for (const version of versions) lines += `${version.secondsSince2001} ${textOfVersion(version) ?? ""}\n`;
  }
  return lines;
}

const files = new Map<string, TextFile>();
let messages = 0;
let blocks = 0;
for (const rows of messagePages(chatDbPath)) {
  messages += rows.length;
  for (const row of rows) {
    const decoded = decodeMessageRow(row);
    if (decoded.kind !== "reaction") blocks += 1;
    const name = `chat-${row.chats[0]?.rowid ?? "none"}.txt`;
    let file = files.get(name);
    if (file === undefined) {
      file = new TextFile(name);
      files.set(name, file);
    }
    file.write(blockOf(row, decoded));
  }
}
for (const file of files.values()) file.close();
process.stdout.write(`${JSON.stringify({ messages, blocks })}\n`);
