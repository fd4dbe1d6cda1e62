import { SubscribeResponse } from "@imesh/contracts/bridge/v1";
import type { StoredEvent } from "../journal/bridge-event.ts";

/**
 * `SubscribeResponse { batch: EventBatch { events } }` around events that are encoded already. Both fields have number 1 and
 * wire type 2 (length-delimited), so each level is the byte 0x0A, a varint length, the content.
 *
 * Hand-written because ts-proto would have us decode every event and encode it again for every subscriber: this is a copy
 * of their bytes, one allocation a frame. A test holds it against the generated decoder.
 */
export function encodeBatchFrame(events: readonly StoredEvent[]): Buffer {
  let batchBytes = 0;
  for (const { payload } of events) batchBytes += fieldBytes(payload.length);
  const frame = Buffer.allocUnsafe(fieldBytes(batchBytes));
  let offset = writeFieldHead(frame, 0, batchBytes);
  for (const { payload } of events) {
    offset = writeFieldHead(frame, offset, payload.length);
    frame.set(payload, offset);
    offset += payload.length;
  }
  return frame;
}

/** Any other frame, by the generated encoder. */
export function encodeFrame(frame: NonNullable<SubscribeResponse["frame"]>): Buffer {
  const bytes = SubscribeResponse.encode({ frame }).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Field number 1, length-delimited. */
const FIELD_1_BYTES = 0x0a;

function fieldBytes(contentBytes: number): number {
  return 1 + varintBytes(contentBytes) + contentBytes;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** Returns the offset after it. */
function writeFieldHead(frame: Buffer, offset: number, contentBytes: number): number {
  frame[offset] = FIELD_1_BYTES;
  let at = offset + 1;
  let rest = contentBytes;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) {
    frame[at] = (rest & 0x7f) | 0x80;
    at += 1;
  }
  frame[at] = rest;
  return at + 1;
}
