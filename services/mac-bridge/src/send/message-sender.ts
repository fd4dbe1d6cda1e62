import type { ChatGuid } from "@imesh/imessage-model";

/** What is handed to Messages. Never logged. */
export interface OutgoingMessage {
  readonly chatGuid: ChatGuid;
  readonly text: string;
}

/**
 * What handing over came to.
 * - handed-over: Messages took it without complaint, which proves nothing; only its row does
 * - refused: certain that there is no bubble
 * - unknown: there may be one; never try again
 *
 * `reason` is stable and UPPER_SNAKE_CASE, `number` AppleScript's (0 if none), `description` for a person, without text
 * or handle.
 */
export type SendOutcome =
  | { readonly kind: "handed-over" }
  | {
      readonly kind: "refused";
      readonly reason: string;
      readonly number: number;
      readonly description: string;
    }
  | {
      readonly kind: "unknown";
      readonly reason: string;
      readonly number: number;
      readonly description: string;
    };

/**
 * Hands messages to Messages (port). Called by the dispatcher, one at a time, only after DISPATCHED is durable (I7), and
 * never twice for one command. Resolves with an outcome within the sender's own deadline; an aborted `signal` ends the
 * attempt at once, as unknown. It does not reject: whatever goes wrong is an outcome, and what it cannot name is
 * unknown.
 */
export interface MessageSender {
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome>;
}
