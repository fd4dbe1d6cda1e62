/**
 * A subscriber in a process of its own that takes the time of each message's arrival.
 *
 *   node client.ts imesh|floor SOCKET COUNT  → "ready", then a JSON array of milliseconds
 */
import { Client, type ClientReadableStream, credentials } from "@grpc/grpc-js";
import { BridgeServiceClient, type SubscribeResponse } from "@imesh/contracts/bridge/v1";

const [kind = "", socket = "", count = "0"] = process.argv.slice(2);
const wanted = Number(count);
const latenciesMs: number[] = [];

function record(text: string): void {
  const match = /t:(\d+)/.exec(text);
  if (match === null) return;
  latenciesMs.push(Number(process.hrtime.bigint() - BigInt(match[1] ?? "0")) / 1e6);
  if (latenciesMs.length === wanted)
    process.stdout.write(`${JSON.stringify(latenciesMs)}\n`, () => process.exit(0));
}

function ready(stream: ClientReadableStream<unknown>): void {
  stream.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}

if (kind === "floor") {
  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  const identity = (bytes: Buffer): Buffer => bytes;
  const stream = client.makeServerStreamRequest("/floor/stream", identity, identity, Buffer.alloc(0));
  ready(stream);
  stream.once("metadata", () => process.stdout.write("ready\n"));
  stream.on("data", (bytes: Buffer) => record(bytes.toString("latin1")));
} else {
  const client = new BridgeServiceClient(`unix:${socket}`, credentials.createInsecure());
  const stream = client.subscribe({
    consumer: "bench",
    start: { $case: "fromHead", value: true },
    journalId: "",
    maxBatchSize: 0,
  });
  ready(stream);
  stream.on("data", ({ frame }: SubscribeResponse) => {
    if (frame?.$case === "caughtUp") process.stdout.write("ready\n");
    if (frame?.$case !== "batch") return;
    for (const event of frame.value.events) {
      if (event.payload?.$case === "message") record(event.payload.value.text);
    }
  });
}
