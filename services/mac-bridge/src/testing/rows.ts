import {
  AttachmentRow,
  ChatRow,
  type Handle,
  RowReason,
  MessageRow as WireRow,
} from "@imesh/contracts/broker/v1";
import { unixNsToAppleTime } from "@imesh/imessage-model";

/** A direct chat of the tests. */
export const CHAT_GUID = "any;-;+15550100";

/** Address of the contact in {@link CHAT_GUID}. */
export const CONTACT = "+15550100";

/** What a test says of a row; everything else is that of a plain incoming text. */
export interface RowFacts {
  readonly rowid: bigint;
  readonly guid?: string;
  readonly text?: string;
  readonly attributedBody?: Uint8Array;
  readonly isFromMe?: boolean;
  /** Null: joined to none. */
  readonly chatGuid?: string | null;
  readonly reason?: RowReason;
  /** Place in lock-broker's change log; 0 by default. */
  readonly sequence?: bigint;
  readonly sentUnixNs?: bigint;
  readonly isSent?: boolean;
  readonly isDelivered?: boolean;
  readonly isRecoverable?: boolean;
  readonly dateReadUnixNs?: bigint;
  readonly error?: number;
  /** Null: handle_id 0. */
  readonly sender?: string | null;
  readonly destinationCallerId?: string;
  readonly itemType?: number;
  /** Any other column, as the wire has it; stands in place of what the facts above make of it. */
  readonly columns?: Partial<WireRow>;
}

/** A direct chat as lock-broker sends it. */
export function wireChat(guid: string): ChatRow {
  return ChatRow.fromPartial({
    rowid: 1n,
    guid,
    identifier: CONTACT,
    serviceName: "iMessage",
    style: 45,
    state: 3,
  });
}

/** A handle as lock-broker sends it. */
export function wireHandle(address: string, rest: Partial<Handle> = {}): Handle {
  return { address, service: "iMessage", country: undefined, personCentricId: undefined, ...rest };
}

/** An attachment as lock-broker sends it: a picture that is there. */
export function wireAttachment(facts: Partial<AttachmentRow> = {}): AttachmentRow {
  return {
    ...AttachmentRow.fromPartial({ rowid: 5n, guid: "at_0_A", transferState: 5, totalBytes: 1_000n }),
    ...facts,
  };
}

/** A row as lock-broker sends it. */
export function wireRow(facts: RowFacts): WireRow {
  const chatGuid = facts.chatGuid === undefined ? CHAT_GUID : facts.chatGuid;
  const isFromMe = facts.isFromMe ?? false;
  const sender = facts.sender === undefined ? (isFromMe ? null : CONTACT) : facts.sender;
  const sentUnixNs = facts.sentUnixNs ?? 1_767_323_045_000_000_000n;
  return {
    ...WireRow.decode(new Uint8Array()),
    rowid: facts.rowid,
    guid: facts.guid ?? `GUID-${facts.rowid}`,
    text: facts.attributedBody === undefined ? (facts.text ?? `text ${facts.rowid}`) : undefined,
    attributedBody: facts.attributedBody === undefined ? undefined : Buffer.from(facts.attributedBody),
    service: "iMessage",
    destinationCallerId: facts.destinationCallerId,
    date: unixNsToAppleTime(sentUnixNs),
    dateRead: facts.dateReadUnixNs === undefined ? 0n : unixNsToAppleTime(facts.dateReadUnixNs),
    isFromMe,
    isFinished: true,
    isSent: facts.isSent ?? false,
    isDelivered: facts.isDelivered ?? false,
    isRecoverable: facts.isRecoverable ?? false,
    error: facts.error ?? 0,
    itemType: facts.itemType ?? 0,
    sender: sender === null ? undefined : wireHandle(sender),
    chats: chatGuid === null ? [] : [wireChat(chatGuid)],
    reason: facts.reason ?? RowReason.NEW,
    sequence: facts.sequence ?? 0n,
    ...facts.columns,
  };
}
