import type { BrokerServiceService } from "@imesh/contracts/broker/v1";
import {
  failedPrecondition,
  type RpcError,
  resourceExhausted,
  type ServiceImplementation,
  serverStream,
} from "@imesh/rpc";
import type { WriteFrame } from "../tail/tail.ts";
import type { BrokerServicePorts, CursorFault } from "./broker-ports.ts";
import { ImpatientConsumer } from "./impatient-consumer.ts";
import { RequestFields } from "./request-fields.ts";
import { NO_ROOM_RETRY_MS, toWireError } from "./wire-errors.ts";
import { toTailResponse } from "./wire-frames.ts";

/** broker.proto, TailRequest.max_batch_size. */
const BATCH = { sizeDefault: 256, sizeMax: 1_024 };

/** Tail: the changes of tail/ on the wire. */
export function tailRpc({
  tails,
  clock,
  onRefused,
}: BrokerServicePorts): Pick<ServiceImplementation<typeof BrokerServiceService>, "tail"> {
  return {
    tail: serverStream(async ({ cursor, maxBatchSize }, context, write) => {
      const fields = new RequestFields();
      const changesMax = fields.size("max_batch_size", maxBatchSize, BATCH);
      fields.check();
      if (!tails.hasRoom()) {
        onRefused("tails");
        throw noRoom();
      }
      using consumer = new ImpatientConsumer(clock, context.signal, "tail");
      const writeFrame: WriteFrame = (frame) =>
        consumer.take(write(toTailResponse(frame, tails.lastingSequence)));
      try {
        await tails.run({ cursor, changesMax }, writeFrame, consumer.signal, context.draining);
      } catch (error) {
        const fault = tails.cursorFault(error);
        throw fault === undefined ? toWireError(error) : cursorError(fault, error);
      }
    }),
  };
}

function cursorError({ kind, detail }: CursorFault, cause: unknown): RpcError {
  return failedPrecondition({
    reason: kind === "invalid" ? "CURSOR_INVALID" : "CURSOR_EXPIRED",
    message: `Cannot resume from cursor: ${detail}`,
    cause,
  });
}

function noRoom(): RpcError {
  return resourceExhausted({
    reason: "TAILS_EXHAUSTED",
    message: "Cannot open one more tail",
    retryDelayMs: NO_ROOM_RETRY_MS,
  });
}
