/**
 * A consumer of lock-broker's tail. Prints "ready" at the head, then, after COUNT messages, one line of JSON: milliseconds
 * from the stamp in the text until the broker had the row, and until it was here.
 *
 *   node tail-client.ts SOCKET COUNT
 */
import { BrokerServiceClient } from "@imesh/contracts/broker/v1";
import { decodeAttributedBody } from "@imesh/imessage-codec";
import { connect } from "@imesh/rpc";
import { SystemClock } from "@imesh/time";

const [socket = "", count = "0"] = process.argv.slice(2);
const client = connect(BrokerServiceClient, `unix:${socket}`, { clock: new SystemClock() });
const toRowMs: number[] = [];
const toClientMs: number[] = [];
let isReady = false;
for await (const { frame } of client.stream("tail", { cursor: Buffer.alloc(0), maxBatchSize: 0 })) {
  const nowUs = (performance.timeOrigin + performance.now()) * 1_000;
  if (frame?.$case === "heartbeat" && !isReady) {
    isReady = true;
    process.stdout.write("ready\n");
  }
  if (frame?.$case !== "batch") continue;
  const { readTime, rows } = frame.value;
  const readUs = Number(readTime?.seconds ?? 0n) * 1e6 + (readTime?.nanos ?? 0) / 1e3;
  for (const { attributedBody } of rows) {
    const text = attributedBody === undefined ? "" : decodeAttributedBody(attributedBody).text;
    if (!text.startsWith("t:")) continue;
    toRowMs.push((readUs - Number(text.slice(2))) / 1_000);
    toClientMs.push((nowUs - Number(text.slice(2))) / 1_000);
  }
  if (toRowMs.length >= Number(count)) break;
}
process.stdout.write(`${JSON.stringify({ toRowMs, toClientMs })}\n`);
process.exit(0);
