import assert from "node:assert/strict";
import { test } from "node:test";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { BridgeServiceClient } from "@imesh/contracts/bridge/v1";
import { Status } from "@imesh/contracts/google/rpc/status";
import { SeededRandom } from "@imesh/testing";
import { SystemClock } from "@imesh/time";
import { connect } from "./connect.ts";
import { failedPrecondition, invalidArgument, notFound, resourceExhausted } from "./errors.ts";
import { RpcError, type RpcErrorCode } from "./rpc-error.ts";
import { fromServiceError, toServiceError } from "./service-error.ts";

const DETAILS_KEY = "grpc-status-details-bin";

/** What of an error must survive the wire. */
function facts(error: RpcError) {
  const { code, reason, domain, message, metadata, fieldViolations, preconditionViolations, retryDelayMs } =
    error;
  return { code, reason, domain, message, metadata, fieldViolations, preconditionViolations, retryDelayMs };
}

function overTheWire(error: unknown): RpcError {
  return fromServiceError(toServiceError(error), false);
}

function statusOf(error: ServiceError): Status {
  return Status.decode(error.metadata.get(DETAILS_KEY)[0] as Buffer);
}

test("every kind of error comes out as it went in", () => {
  const errors = [
    invalidArgument([
      { field: "chat_guid", description: "must not be empty" },
      { field: "text", description: "must have 1 to 20000 characters" },
    ]),
    notFound({ reason: "COMMAND_NOT_FOUND", message: "Cannot find command" }),
    failedPrecondition({
      reason: "JOURNAL_CHANGED",
      message: "Cannot resume: another journal",
      metadata: { journalId: "7c0e" },
      violations: [{ type: "JOURNAL", subject: "7c0e", description: "Start from the beginning" }],
    }),
    resourceExhausted({
      reason: "OUTBOX_FULL",
      message: "Cannot accept command (100)",
      retryDelayMs: 1_500.5,
    }),
  ];
  for (const error of errors) assert.deepEqual(facts(overTheWire(error)), facts(error));
});

test("any error comes out as it went in (property)", () => {
  const random = SeededRandom.fromEnvironment("error details");
  const codes = Object.keys(status).filter(
    (name) => /^[A-Z]/.test(name) && !["OK", "CANCELLED"].includes(name),
  );
  const text = () =>
    Array.from({ length: random.integer(0, 20) }, () => random.pick(["a", "ß", "語", "💬", '"', "%"])).join(
      "",
    );
  for (let round = 0; round < 300; round += 1) {
    const error = new RpcError({
      code: random.pick(codes) as RpcErrorCode,
      reason: random.pick(["A1", "OUTBOX_FULL", "X".repeat(63)]),
      message: text(),
      metadata: Object.fromEntries(
        Array.from({ length: random.integer(0, 5) }, (_, key) => [`key${key}`, text()]),
      ),
      fieldViolations: Array.from({ length: random.integer(0, 3) }, () => ({
        field: text(),
        description: text(),
      })),
      retryDelayMs: random.pick([undefined, 0, 1, 999, 1_000, 3_600_000]),
    });
    assert.deepEqual(facts(overTheWire(error)), facts(error), `round ${round}`);
  }
});

test("an unknown error becomes INTERNAL and tells nothing of itself", () => {
  const secret = new Error("text of a message to +15550100");
  const error = toServiceError(secret);
  assert.deepEqual(
    { code: error.code, details: error.details, message: error.message },
    { code: status.INTERNAL, details: "Internal error", message: "Internal error" },
  );
  const sent = error.metadata.get(DETAILS_KEY)[0] as Buffer;
  assert.equal(sent.includes("15550100"), false);
  assert.equal(overTheWire(secret).reason, "INTERNAL");
});

test("the cause of an RpcError stays at home", () => {
  const error = notFound({ reason: "GONE", message: "Cannot find it", cause: new Error("secret") });
  const sent = toServiceError(error);
  assert.equal(JSON.stringify([sent.message, sent.details, statusOf(sent)]).includes("secret"), false);
});

test("text that is no Unicode and text without end are made fit for a header", () => {
  const error = toServiceError(notFound({ reason: "GONE", message: `\ud800${"y".repeat(10_000)}` }));
  assert.equal(error.details, `\ufffd${"y".repeat(511)}`);
  assert.doesNotThrow(() => encodeURI(error.details));
});

test("details above 4 KiB lose their violations, then their metadata, never the reason", () => {
  const violations = Array.from({ length: 200 }, (_, index) => ({
    field: `f${index}`,
    description: "x".repeat(50),
  }));
  const [first, ...others] = violations;
  assert.ok(first !== undefined);
  const many = overTheWire(
    invalidArgument([first, ...others], { metadata: { kept: "yes" }, message: "Cannot" }),
  );
  assert.deepEqual(
    [many.reason, many.fieldViolations, many.metadata],
    ["INVALID_ARGUMENT", [], { kept: "yes" }],
  );
  const vast = notFound({ reason: "GONE", message: "Cannot", metadata: { huge: "x".repeat(9_000) } });
  assert.deepEqual(facts(overTheWire(vast)), facts(notFound({ reason: "GONE", message: "Cannot" })));
});

test("a CANCELLED that nobody asked for is a cut connection, hence UNAVAILABLE", () => {
  const cut = () =>
    Object.assign(new Error(), {
      code: status.CANCELLED,
      details: "Call cancelled",
      metadata: new Metadata(),
    });
  const unasked = fromServiceError(cut(), false);
  assert.deepEqual([unasked.code, unasked.reason], ["UNAVAILABLE", "CALL_CUT"]);
  assert.equal(fromServiceError(cut(), true).code, "CANCELLED");
});

test("errors without details, with strangers' details and with damaged details keep their code", () => {
  const metadata = (bytes?: Buffer) => {
    const made = new Metadata();
    if (bytes !== undefined) made.set(DETAILS_KEY, bytes);
    return made;
  };
  const stranger = Status.encode({
    code: 5,
    message: "",
    details: [{ typeUrl: "x/y.Z", value: Buffer.from([1]) }],
  });
  for (const bytes of [undefined, Buffer.from(stranger.finish()), Buffer.from("ffff", "hex")]) {
    const error = Object.assign(new Error(), {
      code: 5,
      details: "no such thing",
      metadata: metadata(bytes),
    });
    const { code, reason, domain, message } = fromServiceError(error, false);
    assert.deepEqual(
      { code, reason, domain, message },
      { code: "NOT_FOUND", reason: "NOT_FOUND", domain: "grpc.io", message: "no such thing" },
    );
  }
});

test("that nobody listens is said in so many words; other words of gRPC stay", () => {
  const said = (details: string) => {
    const facts = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
    return fromServiceError(Object.assign(new Error(), facts), false).message;
  };
  const lost = (what: string) =>
    said(`No connection established. Last error: Error: ${what}. Resolution note: `);
  assert.deepEqual(
    [
      lost("connect ENOENT /run/my.app/b.sock"),
      lost("connect ECONNREFUSED 127.0.0.1:7420"),
      lost("connect ECONNREFUSED ::1:7420"),
      lost("connect EACCES /run/b.sock"),
      lost("read ECONNRESET"),
      said("No connection established. Last error: Error: connect ENOENT /b.sock"),
    ],
    [
      "nothing listens at unix:/run/my.app/b.sock",
      "nothing listens at 127.0.0.1:7420",
      "nothing listens at [::1]:7420",
      "cannot connect to unix:/run/b.sock (EACCES)",
      "No connection established. Last error: Error: read ECONNRESET. Resolution note: ",
      "nothing listens at unix:/b.sock",
    ],
  );
});

test("a call to nobody says so, with the versions in use", async () => {
  await using client = connect(BridgeServiceClient, "unix:/none/of/it.sock", { clock: new SystemClock() });
  await assert.rejects(client.call("getStatus", {}), {
    code: "UNAVAILABLE",
    message: "nothing listens at unix:/none/of/it.sock",
  });
});

test("a reason must be UPPER_SNAKE_CASE", () => {
  for (const reason of ["", "a", "Gone", "GONE-NOW", "_GONE", "GONE_", "X".repeat(64)]) {
    assert.throws(() => notFound({ reason, message: "Cannot" }), { name: "AssertionError" }, reason);
  }
});
