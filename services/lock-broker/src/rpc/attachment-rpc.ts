import type { BrokerServiceService, ReadAttachmentResponse } from "@imesh/contracts/broker/v1";
import { unreachable } from "@imesh/flow";
import { aborted, type RpcError, type ServiceImplementation, serverStream } from "@imesh/rpc";
import type { Clock } from "@imesh/time";
import type { AttachmentPart } from "../attachments/attachment-stream.ts";
import { AttachmentError } from "../attachments/attachment-stream.ts";
import type { StoredAttachment } from "../rows/rows.ts";
import { type BrokerServicePorts, readCall } from "./broker-ports.ts";
import { RequestFields } from "./request-fields.ts";
import { answered, attachmentNotFound, toWireError } from "./wire-errors.ts";
import { toAttachmentRow } from "./wire-rows.ts";

/** A client that reads nothing for so long holds one of few streams for nobody; it can resume where it was. */
const STALLED_MS = 30_000;

/** ReadAttachment: the row from the database in its turn, the bytes from attachments/. */
export function attachmentRpc(
  ports: BrokerServicePorts,
): Pick<ServiceImplementation<typeof BrokerServiceService>, "readAttachment"> {
  const { questions, attachments, clock } = ports;
  return {
    readAttachment: serverStream(async (request, context, write) => {
      const fields = new RequestFields();
      const guid = fields.name("guid", request.guid);
      const range = {
        offset: fields.bytes("offset", request.offset),
        length: fields.bytes("length", request.length),
        fileVersion: fields.optionalName("file_version", request.fileVersion) ?? "",
      };
      fields.check();
      const row = await answered(questions.attachment(guid, readCall(context, clock)));
      if (row === undefined) throw attachmentNotFound();
      using consumer = new ImpatientConsumer(clock, context.signal);
      try {
        for await (const part of attachments.open(row, range, consumer.signal)) {
          await consumer.take(write(toResponse(part, row)));
          if (part.kind === "data") ports.onAttachmentBytes(part.bytes.length);
        }
      } catch (error) {
        if (error instanceof AttachmentError && error.code === "streams-full") ports.onRefused("attachments");
        throw toWireError(error);
      }
    }),
  };
}

/** Waits for a client to take a part, but not for ever: at the end of its patience it aborts the stream. */
class ImpatientConsumer implements Disposable {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #call: AbortSignal;
  readonly #abort: () => void;

  constructor(clock: Clock, call: AbortSignal) {
    this.#clock = clock;
    this.#call = call;
    this.#abort = () => this.#controller.abort(call.reason);
    if (call.aborted) this.#abort();
    else call.addEventListener("abort", this.#abort);
  }

  /** Aborts with the call, and when the client is stalled. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async take(written: Promise<void>): Promise<void> {
    const { promise: stalled, reject } = Promise.withResolvers<never>();
    const timer = this.#clock.setTimer(STALLED_MS, () => {
      const error = stalledClient();
      this.#controller.abort(error);
      reject(error);
    });
    try {
      await Promise.race([written, stalled]);
    } finally {
      timer.cancel();
    }
  }

  [Symbol.dispose](): void {
    this.#call.removeEventListener("abort", this.#abort);
  }
}

function stalledClient(): RpcError {
  return aborted({
    reason: "CLIENT_STALLED",
    message: `Cannot go on with attachment: nothing was read for ${STALLED_MS} ms`,
  });
}

function toResponse(part: AttachmentPart, row: StoredAttachment): ReadAttachmentResponse {
  switch (part.kind) {
    case "file": {
      const { sizeBytes, fileVersion, offset, length } = part;
      const value = { attachment: toAttachmentRow(row), sizeBytes, fileVersion, offset, length };
      return { part: { $case: "file", value } };
    }
    case "data": {
      const { buffer, byteOffset, byteLength } = part.bytes;
      return { part: { $case: "data", value: Buffer.from(buffer, byteOffset, byteLength) } };
    }
    case "end":
      return { part: { $case: "end", value: { sha256: part.sha256 } } };
    default:
      return unreachable(part);
  }
}
