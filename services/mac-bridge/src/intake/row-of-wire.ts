import type {
  ChatRow,
  AttachmentRow as WireAttachment,
  Handle as WireHandle,
  MessageRow as WireRow,
} from "@imesh/contracts/broker/v1";
import {
  type AttachmentRef,
  type ChatRef,
  chatStyleOfColumn,
  type HandleRef,
  type MessageRow,
} from "@imesh/imessage-model";

/** The row as the model knows it. Total: what the wire leaves out is null. */
export function rowOfWire(wire: WireRow): MessageRow {
  // What both know under one name and type needs no words.
  const { reason: _reason, sequence: _sequence, ...same } = wire;
  return {
    ...same,
    text: wire.text ?? null,
    subject: wire.subject ?? null,
    attributedBody: wire.attributedBody ?? null,
    messageSummaryInfo: wire.messageSummaryInfo ?? null,
    payloadData: wire.payloadData ?? null,
    service: wire.service ?? null,
    account: wire.account ?? null,
    destinationCallerId: wire.destinationCallerId ?? null,
    groupTitle: wire.groupTitle ?? null,
    otherHandle: wire.otherHandle === undefined ? null : handleOfWire(wire.otherHandle),
    associatedMessageGuid: wire.associatedMessageGuid ?? null,
    associatedMessageEmoji: wire.associatedMessageEmoji ?? null,
    balloonBundleId: wire.balloonBundleId ?? null,
    expressiveSendStyleId: wire.expressiveSendStyleId ?? null,
    threadOriginatorGuid: wire.threadOriginatorGuid ?? null,
    threadOriginatorPart: wire.threadOriginatorPart ?? null,
    replyToGuid: wire.replyToGuid ?? null,
    ckChatId: wire.ckChatId ?? null,
    cacheRoomnames: wire.cacheRoomnames ?? null,
    sender: wire.sender === undefined ? null : handleOfWire(wire.sender),
    chats: wire.chats.map(chatOfWire),
    attachments: wire.attachments.map(attachmentOfWire),
  };
}

/** A chat as the model knows it. */
export function chatOfWire(wire: ChatRow): ChatRef {
  return {
    rowid: wire.rowid,
    guid: wire.guid,
    identifier: wire.identifier,
    serviceName: wire.serviceName ?? null,
    style: chatStyleOfColumn(wire.style),
    displayName: wire.displayName ?? null,
    groupId: wire.groupId ?? null,
    roomName: wire.roomName ?? null,
    accountLogin: wire.accountLogin ?? null,
    lastAddressedHandle: wire.lastAddressedHandle ?? null,
    state: wire.state,
    isArchived: wire.isArchived,
    filterKind: wire.isFiltered,
    isBlackholed: wire.isBlackholed,
    properties: wire.properties ?? null,
  };
}

/** An attachment as the model knows it. */
export function attachmentOfWire(wire: WireAttachment): AttachmentRef {
  return {
    ...wire,
    originalGuid: wire.originalGuid ?? null,
    filename: wire.filename ?? null,
    transferName: wire.transferName ?? null,
    mimeType: wire.mimeType ?? null,
    uti: wire.uti ?? null,
    userInfo: wire.userInfo ?? null,
    stickerUserInfo: wire.stickerUserInfo ?? null,
    attributionInfo: wire.attributionInfo ?? null,
    emojiImageShortDescription: wire.emojiImageShortDescription ?? null,
  };
}

/** A handle as the model knows it. */
export function handleOfWire(wire: WireHandle): HandleRef {
  const { address, service, country, personCentricId } = wire;
  return { address, service, country: country ?? null, contactId: personCentricId ?? null };
}
