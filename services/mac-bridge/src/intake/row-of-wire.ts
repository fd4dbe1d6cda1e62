import { type ChatRow, RowReason, type MessageRow as WireRow } from "@imesh/contracts/broker/v1";
import { type ChatRef, chatStyleOfColumn, type MessageRow } from "@imesh/imessage-model";

/** Why lock-broker sent a row, in this service's words. */
export type IntakeReason = "new" | "unjoined" | "joined" | "status";

/** The row as the model knows it. Total: what the wire leaves out is null. */
export function rowOfWire(wire: WireRow): MessageRow {
  return {
    rowid: wire.rowid,
    guid: wire.guid,
    text: wire.text ?? null,
    subject: wire.subject ?? null,
    attributedBody: wire.attributedBody ?? null,
    messageSummaryInfo: wire.messageSummaryInfo ?? null,
    service: wire.service ?? null,
    account: wire.account ?? null,
    destinationCallerId: wire.destinationCallerId ?? null,
    date: wire.date,
    dateRead: wire.dateRead,
    dateDelivered: wire.dateDelivered,
    dateEdited: wire.dateEdited,
    isFromMe: wire.isFromMe,
    isFinished: wire.isFinished,
    isSent: wire.isSent,
    isDelivered: wire.isDelivered,
    isRead: wire.isRead,
    isEmpty: wire.isEmpty,
    isAudioMessage: wire.isAudioMessage,
    error: wire.error,
    itemType: wire.itemType,
    groupActionType: wire.groupActionType,
    groupTitle: wire.groupTitle ?? null,
    associatedMessageGuid: wire.associatedMessageGuid ?? null,
    associatedMessageType: wire.associatedMessageType,
    associatedMessageEmoji: wire.associatedMessageEmoji ?? null,
    balloonBundleId: wire.balloonBundleId ?? null,
    expressiveSendStyleId: wire.expressiveSendStyleId ?? null,
    threadOriginatorGuid: wire.threadOriginatorGuid ?? null,
    threadOriginatorPart: wire.threadOriginatorPart ?? null,
    partCount: wire.partCount,
    cacheHasAttachments: wire.cacheHasAttachments,
    scheduleType: wire.scheduleType,
    scheduleState: wire.scheduleState,
    sender:
      wire.sender === undefined
        ? null
        : {
            address: wire.sender.address,
            service: wire.sender.service,
            country: wire.sender.country ?? null,
          },
    chats: wire.chats.map(chatOfWire),
  };
}

/** A reason of a version to come reads as "new": the row is shown rather than lost, and its key keeps it from doubling. */
export function reasonOfWire(reason: RowReason): IntakeReason {
  switch (reason) {
    case RowReason.UNJOINED:
      return "unjoined";
    case RowReason.JOINED:
      return "joined";
    case RowReason.STATUS:
      return "status";
    default:
      return "new";
  }
}

function chatOfWire(wire: ChatRow): ChatRef {
  return {
    rowid: wire.rowid,
    guid: wire.guid,
    identifier: wire.identifier,
    serviceName: wire.serviceName ?? null,
    style: chatStyleOfColumn(wire.style),
    displayName: wire.displayName ?? null,
  };
}
