import type { BrokerServiceService, ReadAttachmentResponse } from "@imesh/contracts/broker/v1";
import { unreachable } from "@imesh/flow";
import { type ServiceImplementation, serverStream } from "@imesh/rpc";
import type { AttachmentPart } from "../attachments/attachment-stream.ts";
import { AttachmentError } from "../attachments/attachment-stream.ts";
import type { StoredAttachment } from "../rows/rows.ts";
import { type BrokerServicePorts, readCall } from "./broker-ports.ts";
import { ImpatientConsumer } from "./impatient-consumer.ts";
import { RequestFields } from "./request-fields.ts";
import { answered, attachmentNotFound, toWireError } from "./wire-errors.ts";
import { toAttachmentRow } from "./wire-rows.ts";

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
      using consumer = new ImpatientConsumer(clock, context.signal, "attachment");
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
