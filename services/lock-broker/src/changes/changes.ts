import type { StoredAttachment, StoredChat, StoredHandle, StoredMessage } from "../rows/rows.ts";

/** Why a message is told about; the words of broker.proto's RowReason, where they are explained. */
export type MessageReason =
  | "new"
  | "unjoined"
  | "joined"
  | "status"
  | "delivered"
  | "read"
  | "played"
  | "content"
  | "chats"
  | "attachments"
  | "schedule"
  | "guid"
  | "recently-deleted"
  | "recovered"
  | "deleted";

/** Why a chat is told about; broker.proto's ChatChangeReason. */
export type ChatReason = "new" | "name" | "members" | "guid" | "properties" | "state" | "deleted";

/** Why an attachment is told about; broker.proto's AttachmentChangeReason. */
export type AttachmentReason = "progress" | "ready" | "failed" | "guid" | "info" | "deleted";

/** One entry of the change log: what changed, not what it looks like now. Kept until the log's bound, in order. */
export type Change =
  | ({ readonly sequence: bigint; readonly subject: "message"; readonly reason: MessageReason } & ChangedRow)
  | ({ readonly sequence: bigint; readonly subject: "chat"; readonly reason: ChatReason } & ChangedRow)
  | ({
      readonly sequence: bigint;
      readonly subject: "attachment";
      readonly reason: AttachmentReason;
    } & ChangedRow);

/** Which row. `guid` is the last one known: after a deletion nothing else tells what the row was. Never logged. */
export interface ChangedRow {
  readonly rowid: bigint;
  readonly guid: string;
}

/** A change with its row as it was read: what leaves in a batch. A row that is gone by then is undefined. */
export type ToldChange =
  | { readonly change: Extract<Change, { subject: "message" }>; readonly message: StoredMessage | undefined }
  | {
      readonly change: Extract<Change, { subject: "chat" }>;
      readonly chat: StoredChat | undefined;
      readonly participants: readonly StoredHandle[];
    }
  | {
      readonly change: Extract<Change, { subject: "attachment" }>;
      readonly attachment: StoredAttachment | undefined;
      /** Messages it belongs to. */
      readonly messages: readonly ChangedRow[];
    };
