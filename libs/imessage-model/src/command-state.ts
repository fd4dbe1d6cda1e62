/**
 * How far a command to send has come (design: accepted → dispatched → written → sent → delivered → read).
 * - accepted: durable, Messages not touched
 * - dispatched: handed to Messages, or about to be: from here on a bubble may exist
 * - written: its row is in chat.db; sent, delivered, read: what that row says
 * - refused: certain that there is no bubble; failed: the row carries an error
 * - uncertain: there may be a bubble; no machine sends again, its row or a person settles it (I7)
 */
export type CommandState =
  | "accepted"
  | "dispatched"
  | "written"
  | "sent"
  | "delivered"
  | "read"
  | "refused"
  | "failed"
  | "uncertain";

// A state may be skipped, because rows are seen late and receipts come in bursts; none is ever taken back.
// Only a command without a row can be uncertain or refused. "delivered" is a peer's word and cannot fail.
const NEXT_STATES: Readonly<Record<CommandState, readonly CommandState[]>> = {
  accepted: ["dispatched", "refused"],
  dispatched: ["written", "sent", "delivered", "read", "refused", "failed", "uncertain"],
  uncertain: ["written", "sent", "delivered", "read", "refused", "failed"],
  written: ["sent", "delivered", "read", "failed"],
  sent: ["delivered", "read", "failed"],
  delivered: ["read"],
  read: [],
  refused: [],
  failed: [],
};

/** Whether a command in `from` may move to `to`. False for the same state: that is no move. */
export function canAdvance(from: CommandState, to: CommandState): boolean {
  return NEXT_STATES[from].includes(to);
}

/** Whether nothing can happen to the command any more: read, refused, failed. */
export function isTerminal(state: CommandState): boolean {
  return NEXT_STATES[state].length === 0;
}
