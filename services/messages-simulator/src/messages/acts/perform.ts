import { unreachable } from "@imesh/flow";
import type { Tables } from "../../mac/tables.ts";
import { canonicalAddress, directChatGuid } from "../address.ts";
import type { Act, ActPorts, TouchedMessages } from "./act.ts";
import { sayApp } from "./apps.ts";
import { sayAttachment } from "./attachments.ts";
import { addToChat } from "./chat-additions.ts";
import { changeBackground, changeOwnMembership } from "./chat-looks.ts";
import { compose } from "./compose.ts";
import { deleteChat, hardDelete, recentlyDelete, recover } from "./deletions.ts";
import { edit, unsend } from "./edits.ts";
import { changeMembership, changeNumber, changePhoto, renameChat } from "./groups.ts";
import { rewriteChatGuid, rewriteMessageGuid } from "./guids.ts";
import { call, keepAudio, shareLocation } from "./lines.ts";
import { addPollOption, createPoll, votePoll } from "./polls.ts";
import { addLinkPreview } from "./previews.ts";
import { receipt } from "./receipts.ts";
import { cancelSchedule, createSchedule, editSchedule, sendScheduled } from "./schedules.ts";
import type { PlaceOrder } from "./shapes.ts";
import { tapback } from "./tapbacks.ts";
import { advanceAttachment, transcribe } from "./transfers.ts";

/**
 * Does one thing. Throws OrderRefusedError, NotThereError or CannotHappenError with nothing written; rejects as `pause` does,
 * the row perhaps written without its join. Those acts that wait are called in the lane of {@link laneGuidOf}.
 */
export async function perform(act: Act, ports: ActPorts): Promise<TouchedMessages> {
  switch (act.kind) {
    case "edit":
      return edit(act, ports);
    case "unsend":
      return unsend(act, ports);
    case "receipt":
      return receipt(act, ports);
    case "tapback":
      return await tapback(act, ports);
    case "say-attachment":
      return await sayAttachment(act, ports);
    case "advance-attachment":
      return advanceAttachment(act, ports);
    case "transcribe":
      return transcribe(act, ports);
    case "recently-delete":
      return recentlyDelete(act, ports);
    case "recover":
      return recover(act, ports);
    case "hard-delete":
      return hardDelete(act, ports);
    case "delete-chat":
      return deleteChat(act, ports);
    case "rename-chat":
      return await renameChat(act, ports);
    case "change-membership":
      return await changeMembership(act, ports);
    case "rewrite-chat-guid":
      return rewriteChatGuid(act, ports);
    case "rewrite-message-guid":
      return rewriteMessageGuid(act, ports);
    case "schedule-create":
      return createSchedule(act, ports);
    case "schedule-send":
      return sendScheduled(act, ports);
    case "schedule-cancel":
      return cancelSchedule(act, ports);
    case "change-photo":
      return await changePhoto(act, ports);
    case "add-link-preview":
      return addLinkPreview(act, ports);
    case "compose":
      return await compose(act, ports);
    case "say-app":
      return await sayApp(act, ports);
    case "poll-create":
      return await createPoll(act, ports);
    case "poll-add-option":
      return await addPollOption(act, ports);
    case "poll-vote":
      return await votePoll(act, ports);
    case "change-background":
      return await changeBackground(act, ports);
    case "change-number":
      return await changeNumber(act, ports);
    case "change-own-membership":
      return await changeOwnMembership(act, ports);
    case "share-location":
      return await shareLocation(act, ports);
    case "call":
      return await call(act, ports);
    case "keep-audio":
      return await keepAudio(act, ports);
    case "add-to-chat":
      return addToChat(act, ports);
    case "schedule-edit":
      return editSchedule(act, ports);
    default:
      return unreachable(act);
  }
}

/**
 * Guid of the chat in whose lane an act takes its turn: the acts that insert rows which wait for their chat, and the one
 * that removes a chat, so that it is never removed from under a row that waits for it. Undefined: at once.
 */
export function laneGuidOf(act: Act, tables: Tables): string | undefined {
  switch (act.kind) {
    case "tapback":
    case "keep-audio":
    case "poll-add-option":
    case "poll-vote":
      return tables.changes.chatsOf(act.rowid)[0]?.guid;
    case "say-attachment":
      return act.groupGuid === "" ? directChatGuid(canonicalAddress(act.from) ?? act.from) : act.groupGuid;
    case "compose":
    case "poll-create":
      return placeGuid(act);
    case "say-app":
      return act.replacedRowid === 0n ? placeGuid(act) : tables.changes.chatsOf(act.replacedRowid)[0]?.guid;
    case "rename-chat":
    case "change-membership":
    case "change-number":
    case "change-own-membership":
    case "change-photo":
    case "change-background":
    case "share-location":
    case "call":
    case "delete-chat":
      return act.chatGuid;
    default:
      return undefined;
  }
}

function placeGuid({ from, chatGuid }: PlaceOrder): string {
  return chatGuid === "" ? directChatGuid(canonicalAddress(from) ?? from) : chatGuid;
}
