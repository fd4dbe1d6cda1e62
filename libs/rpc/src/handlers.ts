import type { CallContext } from "./call-context.ts";

/**
 * Sends one message of a stream. Resolves when the next may be sent: at once while the client keeps up (an
 * already resolved promise, nothing allocated), else when its buffers have room again. Await it before the
 * next one: then a slow client costs 16 messages of memory and no more. Rejects with the abort reason when
 * the call is over; let that end the handler.
 */
export type Write<Response> = (message: Response) => Promise<void>;

/** One request, one response. Make it with {@link unary}. */
export interface UnaryHandler<Request, Response> {
  readonly kind: "unary";
  readonly handle: (request: Request, context: CallContext) => Promise<Response> | Response;
}

/** One request, many responses. Make it with {@link serverStream}. */
export interface ServerStreamHandler<Request, Response> {
  readonly kind: "server-stream";
  readonly handle: (request: Request, context: CallContext, write: Write<Response>) => Promise<void>;
}

/** Many requests, many responses. Make it with {@link bidiStream}. */
export interface BidiStreamHandler<Request, Response> {
  readonly kind: "bidi-stream";
  readonly handle: (
    requests: AsyncIterable<Request>,
    context: CallContext,
    write: Write<Response>,
  ) => Promise<void>;
}

/** Any handler, its messages' types forgotten. */
export type AnyHandler =
  | UnaryHandler<never, unknown>
  | ServerStreamHandler<never, unknown>
  | BidiStreamHandler<never, unknown>;

/**
 * A unary method. What `handle` throws or rejects with becomes the call's status: an RpcError as it is (that of a
 * peer it asked too, so translate those), anything else INTERNAL. Answer without a promise where there is
 * nothing to wait for.
 */
export function unary<Request, Response>(
  handle: UnaryHandler<Request, Response>["handle"],
): UnaryHandler<Request, Response> {
  return { kind: "unary", handle };
}

/**
 * A server-streaming method. The stream ends with OK when `handle` resolves, with the error's status when it
 * rejects.
 */
export function serverStream<Request, Response>(
  handle: ServerStreamHandler<Request, Response>["handle"],
): ServerStreamHandler<Request, Response> {
  return { kind: "server-stream", handle };
}

/**
 * A bidirectional method; ends as {@link serverStream} does. `requests` is iterated once; it ends when the
 * client half-closes, and also when the server drains, so that the handler can return.
 */
export function bidiStream<Request, Response>(
  handle: BidiStreamHandler<Request, Response>["handle"],
): BidiStreamHandler<Request, Response> {
  return { kind: "bidi-stream", handle };
}

/** A method of a ts-proto service definition, as far as its bytes go. */
export interface WireMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (value: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** A service definition that ts-proto generated (`BridgeService`). */
export type WireService = Readonly<Record<string, WireMethod>>;

/** Request type of a method. */
export type RequestOf<Method extends WireMethod> = ReturnType<Method["requestDeserialize"]>;

/** Response type of a method. */
export type ResponseOf<Method extends WireMethod> = ReturnType<Method["responseDeserialize"]>;

/** The handler that a method needs. Client streaming is not offered: no service here has it. */
export type HandlerOf<Method extends WireMethod> = Method extends {
  readonly requestStream: false;
  readonly responseStream: false;
}
  ? UnaryHandler<RequestOf<Method>, ResponseOf<Method>>
  : Method extends { readonly requestStream: false; readonly responseStream: true }
    ? ServerStreamHandler<RequestOf<Method>, ResponseOf<Method>>
    : Method extends { readonly requestStream: true; readonly responseStream: true }
      ? BidiStreamHandler<RequestOf<Method>, ResponseOf<Method>>
      : never;

/** One handler for each method of a definition. */
export type ServiceImplementation<Service extends WireService> = {
  readonly [Name in keyof Service]: HandlerOf<Service[Name]>;
};

/** A service to serve. Make it with {@link rpcService}, which checks that the two fit. */
export interface RpcService {
  readonly definition: WireService;
  readonly implementation: Readonly<Record<string, AnyHandler>>;
}

/** Pairs a generated definition with its handlers. */
export function rpcService<Service extends WireService>(
  definition: Service,
  implementation: ServiceImplementation<Service>,
): RpcService {
  return { definition, implementation: implementation as Readonly<Record<string, AnyHandler>> };
}

/** "package.Service/Method" of a method, from its path. */
export function methodName(method: WireMethod): string {
  return method.path.slice(1);
}

/** "package.Service" of a definition. */
export function serviceName(definition: WireService): string {
  const [method] = Object.values(definition);
  return method === undefined ? "" : method.path.slice(1, method.path.lastIndexOf("/"));
}
