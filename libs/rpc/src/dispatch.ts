import type { handleBidiStreamingCall, handleServerStreamingCall, handleUnaryCall } from "@grpc/grpc-js";
import { assert, unreachable } from "@imesh/flow";
import type {
  AnyHandler,
  BidiStreamHandler,
  ServerStreamHandler,
  UnaryHandler,
  WireMethod,
  Write,
} from "./handlers.ts";
import { methodName } from "./handlers.ts";
import { ObjectReader } from "./object-reader.ts";
import type { RpcObserver } from "./observer.ts";
import type { Admission, OpenCalls } from "./open-calls.ts";
import { RpcError } from "./rpc-error.ts";
import type { ServerCall } from "./server-call.ts";
import { toRpcError, toServiceError } from "./service-error.ts";
import { type ObjectSink, StreamWriter } from "./stream-writer.ts";

/** What serving a call needs. */
export interface DispatchContext {
  readonly calls: OpenCalls;
  /** Largest response in bytes. */
  readonly messageBytesMax: number;
  readonly observer: Pick<RpcObserver, "unexpectedError">;
}

/**
 * The function grpc-js calls for a method. Its responses are bytes: register it with a serializer that passes
 * them on.
 */
export type GrpcHandler =
  | handleUnaryCall<unknown, Buffer>
  | handleServerStreamingCall<unknown, Buffer>
  | handleBidiStreamingCall<unknown, Buffer>;

/**
 * Wraps a handler for grpc-js, which by itself lets a rejected promise crash the process while the client
 * waits for its deadline. Here every throw becomes a status, every call is admitted, counted and ended once,
 * and nothing is sent after the end. Responses are serialized here and not in grpc-js, so that what cannot be
 * sent is an error like any other: there it ends the call without telling the handler.
 */
export function grpcHandler(method: WireMethod, handler: AnyHandler, context: DispatchContext): GrpcHandler {
  switch (handler.kind) {
    case "unary":
      return unaryHandler(method, handler, context);
    case "server-stream":
      return serverStreamHandler(method, handler, context);
    case "bidi-stream":
      return bidiStreamHandler(method, handler, context);
    default:
      return unreachable(handler);
  }
}

function unaryHandler(
  wireMethod: WireMethod,
  handler: UnaryHandler<never, unknown>,
  context: DispatchContext,
): handleUnaryCall<unknown, Buffer> {
  const method = methodName(wireMethod);
  const encode = encoder(wireMethod, context);
  const { calls } = context;
  return (grpcCall, reply) => {
    const admission = calls.admit({ call: grpcCall, method, kind: "unary" });
    if (admission.kind === "refused") return reply(toServiceError(admission.error));
    const { call } = admission;
    const fail = (error: unknown) => {
      const rpcError = explain(error, call, context);
      if (calls.end(call, rpcError.code)) reply(toServiceError(rpcError));
    };
    const succeed = (response: unknown) => {
      try {
        const bytes = encode(response);
        if (calls.end(call, "OK")) reply(null, bytes);
      } catch (error) {
        fail(error);
      }
    };
    call.onAbort((reason, listening) => {
      if (calls.end(call, reason.code) && listening) reply(toServiceError(reason));
    });
    try {
      const response = handler.handle(grpcCall.request as never, call);
      if (response instanceof Promise) response.then(succeed, fail);
      else succeed(response);
    } catch (error) {
      fail(error);
    }
  };
}

function serverStreamHandler(
  method: WireMethod,
  handler: ServerStreamHandler<never, unknown>,
  context: DispatchContext,
): handleServerStreamingCall<unknown, Buffer> {
  return (grpcCall) => {
    const admission = context.calls.admit({ call: grpcCall, method: methodName(method), kind: "stream" });
    runStream({ stream: grpcCall, method, admission, context }, (call, write) =>
      handler.handle(grpcCall.request as never, call, write),
    );
  };
}

function bidiStreamHandler(
  method: WireMethod,
  handler: BidiStreamHandler<never, unknown>,
  context: DispatchContext,
): handleBidiStreamingCall<unknown, Buffer> {
  return (grpcCall) => {
    const admission = context.calls.admit({ call: grpcCall, method: methodName(method), kind: "stream" });
    runStream({ stream: grpcCall, method, admission, context }, (call, write) => {
      const requests = new ObjectReader<never>(grpcCall, () => {});
      call.signal.addEventListener("abort", () => requests.cut(call.signal.reason), { once: true });
      call.draining.addEventListener("abort", () => requests.finish(undefined), { once: true });
      return handler.handle(requests, call, write);
    });
  };
}

/** What the server side of a stream can do, whichever kind. */
interface GrpcStream extends ObjectSink<Buffer> {
  end(): void;
  emit(event: "error", error: Error): boolean;
}

interface StreamArrival {
  readonly stream: GrpcStream;
  readonly method: WireMethod;
  readonly admission: Admission;
  readonly context: DispatchContext;
}

function runStream(
  { stream, method, admission, context }: StreamArrival,
  run: (call: ServerCall, write: Write<unknown>) => Promise<void>,
): void {
  // grpc-js turns an 'error' event into the status of the call: its own way to end a stream with a failure.
  if (admission.kind === "refused") {
    stream.emit("error", toServiceError(admission.error));
    return;
  }
  const { call } = admission;
  const writer = new StreamWriter<Buffer>(stream);
  const finish = (error: RpcError | undefined, listening: boolean) => {
    if (!context.calls.end(call, error?.code ?? "OK")) return;
    writer.close(error ?? endedAlready(call));
    if (!listening) return;
    if (error === undefined) stream.end();
    else stream.emit("error", toServiceError(error));
  };
  const fail = (error: unknown) => finish(explain(error, call, context), true);
  call.onAbort(finish);
  try {
    run(call, streamWrite(call, writer, encoder(method, context))).then(() => finish(undefined, true), fail);
  } catch (error) {
    fail(error);
  }
}

function streamWrite(
  call: ServerCall,
  writer: StreamWriter<Buffer>,
  encode: (message: unknown) => Buffer,
): Write<unknown> {
  return (message) => {
    try {
      const bytes = encode(message);
      call.opened();
      return writer.write(bytes);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/** The method's serializer, with the bound that grpc-js would only report to the client. */
function encoder(method: WireMethod, context: DispatchContext): (message: unknown) => Buffer {
  return (message) => {
    const bytes = method.responseSerialize(message as never);
    if (bytes.length <= context.messageBytesMax) return bytes;
    throw new RpcError({
      code: "RESOURCE_EXHAUSTED",
      reason: "RESPONSE_TOO_LARGE",
      message: `Cannot send response: ${bytes.length} bytes (at most ${context.messageBytesMax})`,
    });
  };
}

/** What the client is told; what is our own bug goes to the observer first. */
function explain(error: unknown, call: ServerCall, context: DispatchContext): RpcError {
  const isExpected = error instanceof RpcError || (call.isOver && isAbort(error));
  if (!isExpected) context.observer.unexpectedError(call.method, error);
  return toRpcError(error);
}

/** What Node's own functions reject with when the call's signal aborts. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function endedAlready(call: ServerCall): RpcError {
  assert(call.isOver, "a stream is closed when its call is over");
  return new RpcError({
    code: "INTERNAL",
    reason: "STREAM_ENDED",
    message: `Cannot write to ${call.method}: its handler has returned`,
  });
}
