import type { DecodedMessage, DecodedRow } from "../decoded-row.ts";
import type { Balloon } from "../payload/balloon.ts";
import { decodeOrdinaryRow } from "./message-row.ts";
import type { NamedRow } from "./named-row.ts";
import { unsupported } from "./outcomes.ts";

/**
 * What a row is that belongs to an app's message: its next step (a move in a game), an answer to it (from a watch, to a workout), or a mere
 * line about it. The line is left out, as is a row with nothing in it; all others are messages like any other.
 */
export function decodeAppRow(named: NamedRow): DecodedRow {
  const decoded = decodeOrdinaryRow(named);
  const isNothing = decoded.kind === "message" ? !isTelling(decoded) : decoded.kind === "unsupported";
  return isNothing ? unsupported(named, "app") : decoded;
}

function isTelling(message: DecodedMessage): boolean {
  return message.attachments.length > 0 || hasWords(message) || isBalloonRead(message.balloon);
}

/** Words that a person wrote: a breadcrumb is written by the app, and only a body tells it apart. */
function hasWords({ text, subject, parts }: DecodedMessage): boolean {
  const isBreadcrumb = parts.length > 0 && parts.every(({ kind }) => kind !== "text");
  return subject !== null || (text !== "" && !isBreadcrumb);
}

/** A poll's traces repeat its payload, which its own rows tell. */
function isBalloonRead(balloon: Balloon | null): boolean {
  switch (balloon?.kind) {
    case undefined:
    case "no-payload":
    case "undecodable":
    case "poll":
    case "poll-vote":
    case "poll-update":
      return false;
    default:
      return true;
  }
}
