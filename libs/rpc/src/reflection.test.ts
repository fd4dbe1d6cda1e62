import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { credentials } from "@grpc/grpc-js";
import {
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from "@imesh/contracts/grpc/reflection/v1";
import { formatAddress } from "@imesh/lifecycle";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { type CountServer, RecordingObserver, startCountServer } from "./fixtures/count-server.ts";
import { HealthRegistry } from "./health.ts";
import { startRpcServer } from "./server.ts";

const BUF = fileURLToPath(new URL("../../../node_modules/.bin/buf", import.meta.url));
const run = promisify(execFile);

/** `buf curl` by reflection; a home of its own, so that it writes nowhere else. */
async function bufCurl(...args: string[]): Promise<string> {
  await using home = await temporaryDirectory();
  const flags = ["curl", "--http2-prior-knowledge", "--protocol", "grpc", "--reflect-protocol", "grpc-v1"];
  const { stdout } = await run(BUF, [...flags, ...args], {
    env: { PATH: process.env.PATH, HOME: home.path },
    timeout: 20_000,
  });
  return stdout;
}

function startOnPort(): Promise<CountServer> {
  return startCountServer({ listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }] });
}

/** Asks one question after the other on one stream. */
async function ask(
  fixture: CountServer,
  ...questions: ServerReflectionRequest["messageRequest"][]
): Promise<ServerReflectionResponse["messageResponse"][]> {
  const client = new ServerReflectionClient(fixture.target, credentials.createInsecure());
  const stream = client.serverReflectionInfo();
  try {
    const answers: ServerReflectionResponse["messageResponse"][] = [];
    for (const messageRequest of questions) stream.write({ host: "here", messageRequest });
    stream.end();
    for await (const response of stream) answers.push(response.messageResponse);
    return answers;
  } finally {
    stream.cancel();
    client.close();
  }
}

test("buf curl lists the methods and calls one, knowing nothing but the address", async () => {
  // CountService is in no .proto file, so that buf would ask for it in vain.
  await using server = await startRpcServer({
    services: [],
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 0 }],
    health: new HealthRegistry(),
    observer: new RecordingObserver(),
    clock: new SystemClock(),
  });
  const url = `http://${server.addresses.map(formatAddress)[0]}`;
  const methods = (await bufCurl("--list-methods", url)).trim().split("\n").sort();
  assert.deepEqual(methods, [
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/List",
    "grpc.health.v1.Health/Watch",
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  ]);
  const answer = await bufCurl("--data", '{"service": ""}', `${url}/grpc.health.v1.Health/Check`);
  assert.deepEqual(JSON.parse(answer), { status: "SERVING" });
});

test("lists the services of this server only", async () => {
  await using fixture = await startOnPort();
  assert.deepEqual(await ask(fixture, { $case: "listServices", value: "" }), [
    {
      $case: "listServicesResponse",
      value: {
        service: [
          { name: "imesh.test.v1.CountService" },
          { name: "grpc.health.v1.Health" },
          { name: "grpc.reflection.v1.ServerReflection" },
        ],
      },
    },
  ]);
});

test("answers many questions on one stream, and names what it does not know", async () => {
  await using fixture = await startOnPort();
  const answers = await ask(
    fixture,
    { $case: "fileContainingSymbol", value: "imesh.bridge.v1.BridgeService.Subscribe" },
    { $case: "fileByFilename", value: "imesh/bridge/v1/event.proto" },
    { $case: "fileContainingSymbol", value: "nothing" },
    { $case: "allExtensionNumbersOfType", value: "imesh.bridge.v1.Event" },
    undefined,
  );
  assert.deepEqual(
    answers.map((answer) => (answer?.$case === "errorResponse" ? answer.value.errorCode : answer?.$case)),
    ["fileDescriptorResponse", "fileDescriptorResponse", 5, 5, 3],
  );
});

test("an idle reflection stream does not hold up a server that drains", { timeout: 20_000 }, async () => {
  await using fixture = await startCountServer({ limits: { streamDrainMs: 60_000, unaryDrainMs: 60_000 } });
  const client = new ServerReflectionClient(fixture.target, credentials.createInsecure());
  const stream = client.serverReflectionInfo();
  const ends: string[] = [];
  stream.on("data", () => {});
  stream.on("error", (error) => ends.push(String(error)));
  stream.on("end", () => ends.push("ended"));
  stream.write({ host: "", messageRequest: { $case: "listServices", value: "" } });
  await waitFor(() => fixture.server.openStreams === 1, { deadlineMs: 10_000, what: "the stream" });
  await fixture.server.drain();
  assert.deepEqual(ends, ["ended"]);
  client.close();
});

test("reflection can be left out", async () => {
  await using fixture = await startCountServer({ reflection: false });
  await assert.rejects(ask(fixture, { $case: "listServices", value: "" }), { code: 12 });
});
