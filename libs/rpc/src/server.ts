import { Server, ServerCredentials, type ServerOptions, type ServiceDefinition } from "@grpc/grpc-js";
import { assert } from "@imesh/flow";
import { type Address, formatAddress, isLoopback } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import { type DispatchContext, grpcHandler } from "./dispatch.ts";
import { withoutGrpcErrors } from "./grpc-log.ts";
import { type RpcService, serviceName } from "./handlers.ts";
import { type HealthRegistry, healthService } from "./health.ts";
import { AddressInUseError, ListenError } from "./listen-error.ts";
import type { RpcObserver } from "./observer.ts";
import { OpenCalls } from "./open-calls.ts";
import { reflectionService } from "./reflection.ts";
import { SERVER_LIMITS, type ServerLimits } from "./server-limits.ts";
import { bindUnixSocket } from "./unix-socket.ts";
import { within } from "./within.ts";

/**
 * How long the last statuses may take to reach the clients before their connections are destroyed, in
 * milliseconds.
 */
const FLUSH_MS = 500;

/** What {@link startRpcServer} needs. */
export interface RpcServerOptions {
  /** The services, without health and reflection, which are added. */
  readonly services: readonly RpcService[];
  /** Unix sockets and loopback ports; port 0 takes a free one. At least one. */
  readonly listen: readonly Address[];
  /** What grpc.health.v1 tells; the server itself only says "draining" in it. */
  readonly health: HealthRegistry;
  /** Whether tools such as `buf curl` may ask what there is. Default true. */
  readonly reflection?: boolean;
  readonly observer: Pick<RpcObserver, "serverCall" | "unexpectedError">;
  readonly clock: Clock;
  /** Where they differ from {@link SERVER_LIMITS}. */
  readonly limits?: Partial<ServerLimits>;
}

/** A server that listens. Disposing it is {@link drain}. */
export interface RpcServer extends AsyncDisposable {
  /** Where it listens, in the order asked for, with the ports that were taken. */
  readonly addresses: readonly Address[];
  /** Streams open now, over all connections; for a gauge. */
  readonly openStreams: number;
  /**
   * Goes away without losing a call: health says NOT_SERVING, streams are told to say goodbye and have
   * `streamDrainMs` for it, unary calls have `unaryDrainMs` after that, then every connection is closed and
   * the Unix sockets are gone. Resolves when nothing is left, at the latest a second after both times; never
   * rejects. A second call waits for the first.
   */
  drain(): Promise<void>;
}

/**
 * Starts to serve on every address, or throws with nothing left open: AddressInUseError when somebody else
 * listens there (a Unix socket that nobody answers on is removed first), ListenError for an address that
 * cannot be listened on, PrivateDirectoryError when others may enter the socket's directory.
 */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  for (const [name, value] of Object.entries(limits)) {
    assert(Number.isSafeInteger(value) && value > 0, `server limit ${name} is a positive integer`);
  }
  assert(options.listen.length > 0, "a server listens somewhere");
  const calls = new OpenCalls({ clock: options.clock, limits, observer: options.observer });
  const server = new Server(serverOptions(limits));
  addServices(server, options, {
    calls,
    observer: options.observer,
    messageBytesMax: limits.messageBytesMax,
  });
  const addresses: Address[] = [];
  try {
    for (const address of options.listen) addresses.push(await listen(server, address, options.clock));
  } catch (error) {
    server.forceShutdown();
    throw error;
  }
  return new GrpcServer({ server, calls, addresses, limits, health: options.health, clock: options.clock });
}

/** Every option that has a say, none left to a default that the next release may change. */
function serverOptions(limits: ServerLimits): ServerOptions {
  return {
    "grpc.max_receive_message_length": limits.messageBytesMax,
    "grpc.max_send_message_length": limits.messageBytesMax,
    "grpc.max_concurrent_streams": limits.connectionStreamsMax,
    // A client's laptop that went to sleep is noticed within 40 s; without it never.
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    // It leaked more than once (grpc-node#1941, #1958, #2068) and nothing reads it.
    "grpc.enable_channelz": 0,
  };
}

function addServices(server: Server, options: RpcServerOptions, context: DispatchContext): void {
  const services = [...options.services, healthService(options.health)];
  if (options.reflection ?? true) {
    const names = services.map((service) => serviceName(service.definition));
    services.push(reflectionService([...names, "grpc.reflection.v1.ServerReflection"]));
  }
  for (const { definition, implementation } of services) {
    const methods = Object.entries(definition);
    const registered = Object.fromEntries(
      methods.map(([name, method]) => [name, { ...method, responseSerialize: (bytes: Buffer) => bytes }]),
    );
    const handlers = methods.map(([name, method]) => {
      const handler = implementation[name];
      assert(handler !== undefined, `method ${method.path} has a handler`);
      return [name, grpcHandler(method, handler, context)] as const;
    });
    server.addService(registered as ServiceDefinition, Object.fromEntries(handlers));
  }
}

/** Binds one address; resolves to it with the port that was taken. */
async function listen(server: Server, address: Address, clock: Clock): Promise<Address> {
  if (address.kind === "unix") {
    await bindUnixSocket(address, clock, () => withoutGrpcErrors(() => bind(server, address)));
    return address;
  }
  refuseUnlessLoopback(address);
  return { ...address, port: await withoutGrpcErrors(() => bind(server, address)) };
}

function bind(server: Server, address: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress(address), ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) return resolve(port);
      // grpc-js folds the socket's error into a sentence.
      const code = /\bE[A-Z]{3,}\b/.exec(error.message)?.[0];
      if (code === "EADDRINUSE") reject(new AddressInUseError(address, error));
      else reject(new ListenError("refused", address, code ?? "unknown error", error));
    });
  });
}

/** Names are refused too: what "localhost" means is up to a file that others may edit. */
function refuseUnlessLoopback(address: Extract<Address, { kind: "tcp" }>): void {
  if (isLoopback(address)) return;
  throw new ListenError("not-loopback", address, "not a loopback address");
}

interface GrpcServerParts {
  readonly server: Server;
  readonly calls: OpenCalls;
  readonly addresses: readonly Address[];
  readonly limits: ServerLimits;
  readonly health: HealthRegistry;
  readonly clock: Clock;
}

class GrpcServer implements RpcServer {
  readonly #parts: GrpcServerParts;
  #drained: Promise<void> | undefined;

  constructor(parts: GrpcServerParts) {
    this.#parts = parts;
  }

  get addresses(): readonly Address[] {
    return this.#parts.addresses;
  }

  get openStreams(): number {
    return this.#parts.calls.streams;
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  /**
   * The order matters. tryShutdown never ends while a stream is open, and its GOAWAY followed by a client's
   * keepalive ping kills what is in flight (grpc-node#3068), so our streams end first. And forceShutdown of
   * grpc-js 1.14.7 destroys no connection when channelz is off, so `drain` must have been asked to, before
   * tryShutdown has closed the sessions.
   */
  async #drain(): Promise<void> {
    const { server, calls, addresses, limits, health, clock } = this.#parts;
    health.drain();
    calls.drain();
    await within(clock, limits.streamDrainMs, calls.streamsEnded());
    calls.cutOff("stream");
    for (const address of addresses) server.drain(formatAddress(address), limits.unaryDrainMs + FLUSH_MS);
    const shutdown = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    await within(clock, limits.unaryDrainMs, shutdown);
    calls.cutOff("unary");
    await within(clock, 2 * FLUSH_MS, shutdown);
    server.forceShutdown();
  }
}
