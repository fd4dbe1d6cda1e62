import type { AttachmentRef } from "./attachment-ref.ts";
import type { ChatStyle } from "./chat-guid.ts";

/** The handle row a message points at, as stored. `address` and `country` are personal data. */
export interface HandleRef {
  /** `handle.id`, not yet parsed. */
  readonly address: string;
  /** `handle.service`, open set. */
  readonly service: string;
  /** Lower-case ISO country or null. */
  readonly country: string | null;
  /** `handle.person_centric_id`: the same for all handles of one contact; null where Messages does not say. */
  readonly contactId: string | null;
}

/** One chat a message is joined to, as stored. */
export interface ChatRef {
  /** `chat.ROWID`. */
  readonly rowid: bigint;
  /** `chat.guid`, not yet parsed. */
  readonly guid: string;
  /** `chat.chat_identifier`, null in damaged rows. */
  readonly identifier: string | null;
  /** `chat.service_name`; still names a service when the guid says `any`. */
  readonly serviceName: string | null;
  /** From `chat.style` (chatStyleOfColumn). */
  readonly style: ChatStyle;
  /** The group's name; null or '' when nobody set one. */
  readonly displayName: string | null;
  /** The same for the several rows of one group. */
  readonly groupId: string | null;
  readonly roomName: string | null;
  /** Own login, `E:<mail>` or `P:<number>`. */
  readonly accountLogin: string | null;
  /** Own address last used here. */
  readonly lastAddressedHandle: string | null;
  /** 3 joined, 0 left. */
  readonly state: number;
  readonly isArchived: boolean;
  /** `is_filtered`: 0 known, 1 unknown sender, 2 junk. */
  readonly filterKind: number;
  /** Messages into it are thrown away. */
  readonly isBlackholed: boolean;
  /** A binary property list, unread; only where the chat itself is told about, and up to 64 KiB. */
  readonly properties: Uint8Array | null;
}

/**
 * One row of `message` with its handles, its chats and its attachments, as the lock-broker read it: nothing interpreted, nothing
 * repaired. Integer flags are booleans with NULL read as false. Dates are Apple values (appleTimeToUnixNs), for
 * which 0 and null mean the same. A column this Mac's schema does not have reads as null (or 0 where the wire
 * says so); only the El Capitan set is sure to exist.
 * Any process may have written these values on behalf of a remote stranger: treat them as hostile.
 */
export interface MessageRow {
  readonly rowid: bigint;
  readonly guid: string;
  /** Null or '' while the text is in attributedBody only, as newer systems often write it. */
  readonly text: string | null;
  readonly subject: string | null;
  /** A typedstream. */
  readonly attributedBody: Uint8Array | null;
  /** A binary property list: edits, unsends, quoted texts. */
  readonly messageSummaryInfo: Uint8Array | null;
  /** A keyed archive: link preview, app, poll. */
  readonly payloadData: Uint8Array | null;
  /** The bodies were too large for the broker's frame and are null although the row has them. */
  readonly isOversized: boolean;
  /** iMessage, SMS, RCS, …; an open set, null in old and system rows. */
  readonly service: string | null;
  /** Own account, `E:<mail>` or `P:<number>`. */
  readonly account: string | null;
  /** Own address the message came to or left from. Not the peer. */
  readonly destinationCallerId: string | null;

  /** The sender's or server's time of sending, not of arrival. May be updated later. */
  readonly date: bigint | null;
  readonly dateRead: bigint | null;
  readonly dateDelivered: bigint | null;
  /** Set by edits and by unsends alike. */
  readonly dateEdited: bigint | null;
  readonly datePlayed: bigint | null;
  /** Normally 0 even after an unsend: tells nothing by its absence. */
  readonly dateRetracted: bigint | null;
  /** When it came back from Recently Deleted. */
  readonly dateRecovered: bigint | null;

  /** Written by this account on any of its devices. May be corrected within milliseconds of the insert. */
  readonly isFromMe: boolean;
  readonly isFinished: boolean;
  readonly isSent: boolean;
  readonly isDelivered: boolean;
  readonly isRead: boolean;
  readonly isPlayed: boolean;
  readonly isEmpty: boolean;
  readonly isAudioMessage: boolean;
  /** Sent as SMS after iMessage failed. */
  readonly wasDowngraded: boolean;
  readonly isSystemMessage: boolean;
  readonly isAutoReply: boolean;
  readonly isSpam: boolean;
  /** In Recently Deleted, and therefore in no chat. */
  readonly isRecoverable: boolean;
  /** FZErrorType, 0 for none (sendErrorMeaning). */
  readonly error: number;

  /** 0 for messages; group and system rows otherwise. */
  readonly itemType: number;
  readonly groupActionType: number;
  readonly groupTitle: string | null;
  /** Who was added or removed, or shares a location; null when other_handle is 0 or its row is gone. */
  readonly otherHandle: HandleRef | null;
  readonly shareStatus: number;
  readonly shareDirection: number;
  readonly messageActionType: number;

  /** `p:<part>/<guid>`, `bp:<guid>` or a bare guid. */
  readonly associatedMessageGuid: string | null;
  readonly associatedMessageType: number | null;
  readonly associatedMessageEmoji: string | null;
  /** UTF-16 units of the target. */
  readonly associatedMessageRangeLocation: bigint;
  readonly associatedMessageRangeLength: bigint;
  readonly balloonBundleId: string | null;
  readonly expressiveSendStyleId: string | null;
  /** The root of the inline thread, that is: what this replies to. */
  readonly threadOriginatorGuid: string | null;
  /** `part:start:length` in UTF-16 units. */
  readonly threadOriginatorPart: string | null;
  /** The message before it in the chat: no reply. */
  readonly replyToGuid: string | null;
  /** Bubbles left in the message; 0 after a full unsend. */
  readonly partCount: number | null;
  readonly cacheHasAttachments: boolean;
  /** 2 for Send Later. */
  readonly scheduleType: number | null;
  readonly scheduleState: number | null;
  readonly expireState: number;

  /** Null when handle_id is 0 or its handle row is gone. Says nothing about direction. */
  readonly sender: HandleRef | null;
  /** Zero, one or several; the join may be committed after the message. */
  readonly chats: readonly ChatRef[];
  /** A hint at the chat of a row without a join. */
  readonly ckChatId: string | null;
  readonly cacheRoomnames: string | null;
  /** By rising ROWID; the joins may be committed after the message, or never. */
  readonly attachments: readonly AttachmentRef[];
}
