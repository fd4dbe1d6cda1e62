import { unreachable } from "@imesh/flow";
import type { ArrivalClass } from "@imesh/imessage-model";
import type { Amendment, Arrival, JournalEvent, JournalMessage } from "../event/event.ts";

/** Who is answered. */
export interface Policy {
  /** The agent's name: own messages whose request_id starts with `<name>/` are its own replies. */
  readonly agentName: string;
  /** Classes that start a turn. */
  readonly answeredClasses: ReadonlySet<ArrivalClass>;
}

/** What becomes of an event. */
export type Verdict =
  /** Into the conversation, to be answered. */
  | { readonly kind: "answer"; readonly arrival: Arrival }
  /** Into the conversation as context, without an answer. */
  | { readonly kind: "record"; readonly arrival: Arrival; readonly reason: RecordReason }
  /** Of a message that still waits: its new words, or null where it is gone. What was answered stays as it was said. */
  | {
      readonly kind: "amend";
      readonly chatGuid: string;
      readonly messageGuid: string;
      readonly text: string | null;
    }
  /** Nothing is kept. */
  | { readonly kind: "skip"; readonly reason: SkipReason };

/** Why a message is kept and not answered; stable, used as a metric's label. */
export type RecordReason =
  /** Somebody wrote it as this account: a person has answered (I11). */
  | "own-message"
  /** It came while we were not looking, and that class is not answered. */
  | "not-live"
  /** An attachment without a word. */
  | "no-text"
  /** A Focus answered for its person, who has written nothing. */
  | "auto-reply"
  /** A reaction that came as words. */
  | "text-reaction";

/** Why an event is passed over; stable, used as a metric's label. */
export type SkipReason =
  /** No message: a status, a command's progress, an edit, a row that cannot be read … */
  | "not-a-message"
  /** Our own reply comes back; the transcript has it since it was decided. */
  | "own-reply"
  /** No chat to answer in. */
  | "no-chat"
  /** Several people: not answered, and not kept either. */
  | "group-chat"
  /** Neither a direct chat nor a group, or neither incoming nor own, as far as this version knows. */
  | "unknown-kind"
  /** Nobody wrote it: Messages' own notices. */
  | "no-sender"
  /** Old, and brought by something other than a person writing now: it would stand in the wrong place. */
  | "backfill"
  /** Nothing in it that this version could show the model: neither text nor the place of an attachment in one. */
  | "empty"
  /** Messages takes it for spam: what it says is kept from the model, too. */
  | "spam"
  /** The same message came before under another sequence. */
  | "duplicate";

/** Stands for an attachment in a message's text. */
const OBJECT_REPLACEMENT = /\uFFFC/g;
const ATTACHMENT_MARK = "[attachment]";

/**
 * Decides who is answered: incoming messages with a sender and a text, in a direct chat, of a class that is answered. An own
 * message never is, matched to a command or not (I11), nor one that no person wrote to be answered. Everything else is kept as
 * context or passed over, for a stable reason. Whether a message came before is not known here; the caller checks ("duplicate").
 */
export function judge(event: JournalEvent, policy: Policy): Verdict {
  const { payload } = event;
  switch (payload.kind) {
    case "other":
      return skip("not-a-message");
    case "message":
      return judgeMessage(event, payload.message, policy);
    case "amendment":
      return judgeAmendment(payload.amendment);
    default:
      return unreachable(payload);
  }
}

function judgeAmendment({ chatGuid, messageGuid, text }: Amendment): Verdict {
  if (chatGuid === null) return skip("no-chat");
  if (messageGuid === "") return skip("not-a-message");
  return { kind: "amend", chatGuid, messageGuid, text: textForModel(text) || null };
}

/** The text as the model will read it; empty for one without words and attachments. */
function textForModel(text: string): string {
  return text.replaceAll(OBJECT_REPLACEMENT, ATTACHMENT_MARK).trim();
}

function judgeMessage(event: JournalEvent, message: JournalMessage, policy: Policy): Verdict {
  if (message.chatGuid === null) return skip("no-chat");
  if (message.chatStyle === "group") return skip("group-chat");
  if (message.chatStyle === "unknown" || message.direction === "unknown") return skip("unknown-kind");
  if (message.direction === "own" && message.requestId.startsWith(`${policy.agentName}/`))
    return skip("own-reply");
  const isAnsweredClass = event.arrivalClass !== null && policy.answeredClasses.has(event.arrivalClass);
  if (!isAnsweredClass && event.arrivalClass !== "live" && event.arrivalClass !== "catch-up")
    return skip("backfill");
  const text = textForModel(message.text);
  if (text === "") return skip("empty");
  const arrival = arrivalOf(event, message.chatGuid, message, text);
  if (message.direction === "own")
    return { kind: "record", arrival: { ...arrival, author: "own" }, reason: "own-message" };
  if (!message.hasSender) return skip("no-sender");
  if (message.oddity === "spam") return skip("spam");
  if (message.oddity !== null) return { kind: "record", arrival, reason: message.oddity };
  if (message.text.replaceAll(OBJECT_REPLACEMENT, "").trim() === "")
    return { kind: "record", arrival, reason: "no-text" };
  if (!isAnsweredClass) return { kind: "record", arrival, reason: "not-live" };
  return { kind: "answer", arrival: { ...arrival, isAnswered: true } };
}

function arrivalOf(event: JournalEvent, chatGuid: string, message: JournalMessage, text: string): Arrival {
  return {
    journalId: event.journalId,
    sequence: event.sequence,
    chatGuid,
    messageGuid: message.messageGuid,
    author: "contact",
    text,
    isAnswered: false,
    isLive: event.arrivalClass === "live",
    traceparent: event.traceparent,
    receivedUnixNs: event.receivedUnixNs,
  };
}

function skip(reason: SkipReason): Verdict {
  return { kind: "skip", reason };
}
