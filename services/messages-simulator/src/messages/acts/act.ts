import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { Tables } from "../../mac/tables.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { WriterPorts } from "../writer-ports.ts";
import type { AttachmentFiles } from "./attachment-files.ts";
import type { ShapeAct } from "./shapes.ts";

/** What a receipt says. */
export type ReceiptKind = "delivered" | "read" | "played" | "sent" | "failed";

/** Something that happens to what is there; the fields are those of imesh.simulator.v1.ActRequest, where they are explained. */
export type Act =
  | { readonly kind: "edit"; readonly rowid: bigint; readonly part: number; readonly text: string }
  | { readonly kind: "unsend"; readonly rowid: bigint; readonly parts: readonly number[] }
  | { readonly kind: "receipt"; readonly rowid: bigint; readonly receipt: ReceiptKind }
  | TapbackAct
  | AttachmentAct
  | { readonly kind: "advance-attachment"; readonly rowid: bigint; readonly transferState: number }
  | { readonly kind: "transcribe"; readonly rowid: bigint; readonly text: string }
  | { readonly kind: "recently-delete" | "recover" | "hard-delete"; readonly rowid: bigint }
  | { readonly kind: "delete-chat"; readonly chatGuid: string }
  | RenameAct
  | MembershipAct
  | { readonly kind: "rewrite-chat-guid"; readonly chatGuid: string; readonly newChatGuid: string }
  | { readonly kind: "rewrite-message-guid"; readonly rowid: bigint }
  | ScheduleAct
  | { readonly kind: "schedule-send" | "schedule-cancel"; readonly rowid: bigint }
  | PhotoAct
  | ShapeAct
  | { readonly kind: "add-link-preview"; readonly rowid: bigint };

/**
 * `from` is empty for this account; `type` is 2000 to 2007, 3000 to 3007, or 1000 for a sticker anywhere on the bubble, of which
 * there can be any number.
 */
export interface TapbackAct {
  readonly kind: "tapback";
  readonly rowid: bigint;
  readonly part: number;
  readonly from: string;
  readonly type: number;
  readonly emoji: string;
}

/** `groupGuid` is empty for the direct chat. */
export interface AttachmentAct {
  readonly kind: "say-attachment";
  readonly from: string;
  readonly groupGuid: string;
  readonly text: string;
  readonly attachments: number;
  readonly sizeBytes: bigint;
  readonly transferState: number;
  readonly isAudio: boolean;
  readonly isJoinLate: boolean;
}

/** `name` is empty to remove it, `from` for this account. */
export interface RenameAct {
  readonly kind: "rename-chat";
  readonly chatGuid: string;
  readonly name: string;
  readonly from: string;
}

/** As {@link RenameAct}. The same contact in `address` and `from`, and not added: they left. */
export interface MembershipAct {
  readonly kind: "change-membership";
  readonly chatGuid: string;
  readonly address: string;
  readonly isAdded: boolean;
  readonly from: string;
}

/** `delayNs` is counted from now. */
export interface ScheduleAct {
  readonly kind: "schedule-create";
  readonly to: string;
  readonly text: string;
  readonly delayNs: bigint;
}

/** As {@link RenameAct}. */
export interface PhotoAct {
  readonly kind: "change-photo";
  readonly chatGuid: string;
  readonly isRemoved: boolean;
  readonly from: string;
}

/** What one act is performed with. */
export interface ActPorts {
  readonly writer: WriterPorts;
  readonly files: AttachmentFiles;
  /** A stream of its own, so that what other acts draw does not matter. */
  readonly random: SeededRandom;
  /** Wait between the row that a contact caused and its chat join. */
  readonly joinDelayMs: number;
}

/** ROWIDs of messages that were written or touched for a person to see. */
export type TouchedMessages = readonly bigint[];

/** What an act names is not in the database. Nothing was written. */
export class NotThereError extends Error {
  override readonly name = "NotThereError";
  readonly what: "message" | "part" | "chat" | "attachment";

  constructor(what: NotThereError["what"]) {
    super(`Cannot act: the ${what} is not there`);
    this.what = what;
  }
}

/** An act cannot happen to what it names as things are: `fact` says why. Nothing was written. */
export class CannotHappenError extends Error {
  override readonly name = "CannotHappenError";
  readonly fact: string;

  constructor(fact: string) {
    super(`Cannot act: ${fact}`);
    this.fact = fact;
  }
}

/** Throws CannotHappenError with the fact unless it can happen. */
export function demand(can: boolean, factOtherwise: string): asserts can {
  if (!can) throw new CannotHappenError(factOtherwise);
}

/** A message that a person sees now: one in a chat. */
export function seenMessage(tables: Tables, rowid: bigint) {
  const facts = tables.changes.facts(rowid);
  if (facts === undefined) throw new NotThereError("message");
  const [chat] = tables.changes.chatsOf(rowid);
  demand(chat !== undefined, "the message is in no chat yet");
  demand(!chat.isRecoverable, "the message is in Recently Deleted");
  return { ...facts, chat };
}

/** As {@link seenMessage}, and one that a person wrote: no tapback, no vote, no group event. */
export function writtenMessage(tables: Tables, rowid: bigint) {
  const message = seenMessage(tables, rowid);
  demand(message.itemType === 0n, "the message is a group event");
  const isTapback = message.associatedType >= 1_000n && message.associatedType < 4_000n;
  demand(!isTapback, "the message is a tapback");
  demand(message.associatedType === 0n, "the message is the next step of another one");
  return message;
}

/** Now, in Apple's nanoseconds. */
export function appleNow({ writer }: ActPorts): bigint {
  return unixNsToAppleTime(writer.clock.wallUnixNs());
}
