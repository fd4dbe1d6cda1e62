/** Why a message looks different; the words of imesh.broker.v1.RowReason that a person can tell apart. */
export type MessageReason =
  | "new"
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

/** Why a chat looks different; imesh.broker.v1.ChatChangeReason. */
export type ChatReason = "new" | "name" | "members" | "guid" | "properties" | "state" | "deleted";

/** Why an attachment looks different; imesh.broker.v1.AttachmentChangeReason. */
export type AttachmentReason = "progress" | "ready" | "failed" | "guid" | "info" | "deleted";

/**
 * One change that a person could see, as the code that makes it declares it. `state` is a short hash of what can be
 * seen of the row for this reason afterwards: two states that look the same have the same one. Empty for "deleted".
 */
export type SeenChange =
  | {
      readonly subject: "message";
      readonly rowid: bigint;
      readonly reason: MessageReason;
      readonly state: string;
    }
  | { readonly subject: "chat"; readonly rowid: bigint; readonly reason: ChatReason; readonly state: string }
  | {
      readonly subject: "attachment";
      readonly rowid: bigint;
      readonly reason: AttachmentReason;
      readonly state: string;
    };

/**
 * The ground truth. `record` is called inside the transaction that makes the change (`database.save`), once for each
 * row and reason, so that change and truth are kept or lost together.
 */
export interface Truth {
  record(change: SeenChange): void;
}
