import {
  type Attachment,
  AttachmentState,
  type Balloon,
  type LinkPreview,
  type Poll,
} from "@imesh/contracts/bridge/v1/content";
import { type Message, ReactionKind, type TextReaction } from "@imesh/contracts/bridge/v1/event";
import { unreachable } from "@imesh/flow";
import { partOf, partsNamed, quoted, shortGuid } from "./described.ts";
import { enumWord } from "./enum-word.ts";

/** What there is to know of a message beside its text, for a line of `imesh tail`; nothing for an ordinary one. */
export function messageFacts(message: Message): string[] {
  const { replyToGuid, associatedGuid, effectId, isAudio, textReaction, otherChats, unsentParts, service } =
    message;
  const facts = [
    service !== "" && service !== "iMessage" && !message.isDowngraded && service,
    message.subject !== "" && `subject ${quoted(message.subject)}`,
    replyToGuid !== "" && `reply to ${partOf(replyToGuid, message.replyToPart)}`,
    associatedGuid !== "" && `belongs to ${associatedGuid}`,
    isAudio && "voice message",
    ...message.attachments.filter(({ isHidden }) => !isHidden).map(attachmentWords),
    message.balloon !== undefined && balloonWords(message.balloon),
    effectId !== "" && `effect ${shortEffect(effectId)}`,
    message.edited && "edited",
    unsentParts.length > 0 && `${partsNamed(unsentParts)} taken back`,
    message.isAutoReply && "auto-reply",
    message.isSpam && "spam",
    message.isDowngraded && "went as SMS",
    textReaction !== undefined && textReactionWords(textReaction),
    otherChats.length > 0 &&
      `also in ${otherChats.map((chat) => chat.displayName || chat.identifier || chat.guid).join(", ")}`,
    message.bodyFault !== "" && `body unreadable: ${message.bodyFault}`,
  ];
  return facts.filter((fact) => fact !== false);
}

/** An attachment by its name and how far it is, with what it says. */
export function attachmentWords(attachment: Attachment): string {
  const { name, guid, state, isSticker, isRowMissing, transcript, description } = attachment;
  const words = [
    isSticker && "sticker",
    name || shortGuid(guid),
    isRowMissing ? "unknown" : stateWord(state),
    transcript !== "" && `says ${quoted(transcript)}`,
    description !== "" && `shows ${quoted(description)}`,
  ];
  return words.filter((word) => word !== false).join(" ");
}

/** A poll by its question and options. */
export function pollWords({ title, options }: Poll): string {
  const texts = options.map(({ text }) => quoted(text)).join(" / ");
  return `poll ${title === "" ? "" : `${quoted(title)}: `}${texts}`;
}

function stateWord(state: AttachmentState): string {
  return state === AttachmentState.UNSPECIFIED ? "unknown" : enumWord(AttachmentState, state);
}

function balloonWords({ content, bundleId }: Balloon): string {
  switch (content?.$case) {
    case "link":
      return linkWords(content.value);
    case "app": {
      const { kind, appName, fallbackText, captions } = content.value;
      const words = fallbackText || captions.join(", ");
      return [kind, appName !== "" && quoted(appName), words !== "" && quoted(words)]
        .filter((word) => word !== false)
        .join(" ");
    }
    case "poll":
      return pollWords(content.value);
    case "opaque":
      return content.value.fault === ""
        ? content.value.kind
        : `${content.value.kind} unreadable: ${content.value.fault}`;
    case undefined:
      return `balloon ${bundleId}`;
    default:
      return unreachable(content);
  }
}

function linkWords({ title, url, originalUrl, isPlaceholder }: LinkPreview): string {
  const words = ["link", title !== "" && quoted(title), url || originalUrl, isPlaceholder && "loading"];
  return words.filter((word) => word !== false && word !== "").join(" ");
}

/** A reaction that came as words: "reads like a like of …", "reads like 🎂 on …". */
function textReactionWords({ kind, emoji, isRemoval, quotedText }: TextReaction): string {
  const word = enumWord(ReactionKind, kind);
  const what = emoji === "" ? `${/^[aeiou]/.test(word) ? "an" : "a"} ${word} of` : `${emoji} on`;
  const target = quotedText === "" ? "an attachment" : quoted(quotedText);
  return `reads like ${isRemoval ? "the end of " : ""}${what} ${target}`;
}

/** "impact" of com.apple.MobileSMS.expressivesend.impact. */
function shortEffect(effectId: string): string {
  return effectId.slice(effectId.lastIndexOf(".") + 1);
}
