import type { SubscribeRequest } from "@imesh/contracts/bridge/v1";
import { unreachable } from "@imesh/flow";
import type { Logger } from "@imesh/lifecycle";
import { type CallContext, failedPrecondition, outOfRange, type Write } from "@imesh/rpc";
import type { Clock } from "@imesh/time";
import type { Intake } from "../intake/intake.ts";
import type { Journal } from "../journal/journal.ts";
import type { EventFeed } from "../stream/event-feed.ts";
import type { SubscriptionFrame } from "../stream/subscription-frame.ts";
import { encodeBatchFrame, encodeFrame } from "./frame-encoding.ts";
import { translated } from "./journal-unavailable.ts";
import { type ValidSubscribe, validSubscribe } from "./request-validation.ts";
import { optionalTimestampOf, timestampOf } from "./timestamp.ts";

/** Why a subscription ended, for metrics. */
export type SubscriptionEnd = "client" | "drain" | "refused" | "error";

/** Collaborators of {@link subscribe}. */
export interface SubscribePorts {
  readonly journal: Journal;
  readonly feed: EventFeed;
  readonly intake: Pick<Intake, "databaseHeadRowid" | "frameUnixNs">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Once for each subscription that ended or was refused. Must not throw. */
  readonly onEnded: (end: SubscriptionEnd) => void;
}

/** Serves one subscription, from validation to the last frame. Frames leave as bytes: see encodeBatchFrame(). */
export async function subscribe(
  ports: SubscribePorts,
  request: SubscribeRequest,
  context: CallContext,
  write: Write<Buffer>,
): Promise<void> {
  const { journal, feed, log } = ports;
  const options = resolveStart(ports, request);
  const facts = { consumer: options.consumer, afterSequence: options.afterSequence };
  log.info({ event: "subscription-opened", ...facts });
  let end: SubscriptionEnd = "error";
  try {
    await translated(() =>
      feed.run(options, {
        signal: context.signal,
        draining: context.draining,
        write: (frame) => write(encode(frame, ports)),
      }),
    );
    end = "drain";
  } finally {
    if (context.signal.aborted) end = context.draining.aborted ? "drain" : "client";
    log.info({ event: "subscription-ended", ...facts, headSequence: journal.head, end });
    ports.onEnded(end);
  }
}

function resolveStart({ journal, onEnded }: SubscribePorts, request: SubscribeRequest) {
  try {
    const valid = validSubscribe(request);
    refuseOtherJournal(valid, journal);
    const afterSequence = valid.afterSequence ?? journal.head;
    if (afterSequence > journal.head) throw afterHead(afterSequence, journal.head);
    return { consumer: valid.consumer, afterSequence, batchItemsMax: valid.batchItemsMax };
  } catch (error) {
    onEnded("refused");
    throw error;
  }
}

function refuseOtherJournal({ journalId }: ValidSubscribe, journal: Journal): void {
  if (journalId === null || journalId === journal.journalId) return;
  throw failedPrecondition({
    reason: "JOURNAL_CHANGED",
    message: "Cannot subscribe: the position belongs to another journal",
    metadata: { journalId: journal.journalId },
    violations: [
      {
        type: "JOURNAL_CHANGED",
        subject: journal.journalId,
        description: "Forget the old position; start from sequence 0 or from the head of this journal",
      },
    ],
  });
}

function afterHead(afterSequence: bigint, head: bigint) {
  return outOfRange({
    reason: "SEQUENCE_AFTER_HEAD",
    message: `Cannot subscribe after sequence: ${afterSequence} (head is ${head})`,
    metadata: { headSequence: String(head) },
  });
}

function encode(frame: SubscriptionFrame, { journal, intake, clock }: SubscribePorts): Buffer {
  const { journalId } = journal;
  switch (frame.kind) {
    case "batch":
      return encodeBatchFrame(frame.events);
    case "heartbeat":
      return encodeFrame({
        $case: "heartbeat",
        value: {
          journalId,
          headSequence: frame.headSequence,
          databaseHeadRowid: intake.databaseHeadRowid,
          brokerTime: optionalTimestampOf(intake.frameUnixNs),
          serverTime: timestampOf(clock.wallUnixNs()),
        },
      });
    case "caught-up":
      return encodeFrame({ $case: "caughtUp", value: { journalId, headSequence: frame.headSequence } });
    case "drain":
      return encodeFrame({ $case: "drain", value: { lastSequence: frame.lastSequence } });
    default:
      return unreachable(frame);
  }
}
