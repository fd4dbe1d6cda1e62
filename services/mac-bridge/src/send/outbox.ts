import { createHash } from "node:crypto";
import type { ChatGuid, RequestId } from "@imesh/imessage-model";
import { contextFromTraceparent, startSpan } from "@imesh/telemetry";
import type { Clock } from "@imesh/time";
import type { Tracer } from "@opentelemetry/api";
import type { CommandRecord } from "../journal/command-record.ts";
import type { Journal } from "../journal/journal.ts";
import { commandEvent } from "./command-event.ts";
import { acceptCommand } from "./command-steps.ts";

/** What somebody wants sent. Validated: chat and text are as the contract wants them. */
export interface SendIntent {
  readonly requestId: RequestId;
  readonly chatGuid: ChatGuid;
  readonly text: string;
  /** The caller's trace context; empty without one. */
  readonly traceparent: string;
}

/** Why a command is not accepted. */
export type OutboxRefusal =
  /** The key was used for another chat or text. */
  | { readonly code: "request-id-reused" }
  /** As many commands wait as may. */
  | { readonly code: "outbox-full"; readonly openMax: number };

/** The command was not accepted and nothing was written. */
export class OutboxError extends Error {
  override readonly name = "OutboxError";
  readonly refusal: OutboxRefusal;

  constructor(refusal: OutboxRefusal) {
    super(`Cannot accept command: (${refusal.code})`);
    this.refusal = refusal;
  }
}

/** Collaborators of an {@link Outbox}. */
export interface OutboxPorts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly tracer: Tracer;
}

/** Commands that may wait or be in flight at once; more is a caller that does not look at outcomes. */
export const OPEN_COMMANDS_MAX = 1_000;

/**
 * Where commands come in. Accepting means: durable before the answer, and tried exactly once (I7). A key that is known
 * answers with its command as it stands, however often and however late it is asked; even a full outbox knows its own.
 */
export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #openMax: number;

  constructor(ports: OutboxPorts, openMax: number = OPEN_COMMANDS_MAX) {
    this.#ports = ports;
    this.#openMax = openMax;
  }

  /** Synchronous, so that two requests with one key cannot pass each other. Throws OutboxError and JournalError. */
  accept(intent: SendIntent): CommandRecord {
    const { journal, clock, tracer } = this.#ports;
    const contentSha256 = contentHash(intent.chatGuid, intent.text);
    const known = journal.state.command(intent.requestId);
    if (known !== null) {
      if (known.contentSha256 === contentSha256) return known;
      throw new OutboxError({ code: "request-id-reused" });
    }
    if (journal.state.countOpenCommands() >= this.#openMax) {
      throw new OutboxError({ code: "outbox-full", openMax: this.#openMax });
    }
    using span = startSpan(tracer, "accept command", {
      kind: "producer",
      parent: contextFromTraceparent(intent.traceparent),
    });
    const traceparent = span.traceparent ?? intent.traceparent;
    const command = acceptCommand({
      ordinal: this.#nextOrdinal(),
      requestId: intent.requestId,
      contentSha256,
      chatGuid: intent.chatGuid,
      text: intent.text,
      traceparent,
      nowUnixNs: clock.wallUnixNs(),
    });
    journal.append({ commands: [command], events: [commandEvent(command, traceparent)] });
    return command;
  }

  #nextOrdinal(): bigint {
    const [newest] = this.#ports.journal.state.listCommands({ beforeOrdinal: null, itemsMax: 1 });
    return (newest?.ordinal ?? 0n) + 1n;
  }
}

/** NUL is in neither, so no two pairs make the same bytes. */
function contentHash(chatGuid: ChatGuid, text: string): string {
  return createHash("sha256").update(`${chatGuid}\0${text}`, "utf8").digest("hex");
}
