import {
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { assert } from "@imesh/flow";
import { type Address, EXIT_CODES, formatAddress, parseAddress, StartupError } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import { type ChannelSettings, channelOptions } from "./channel-options.ts";
import { ClientCall, cancelledByCaller } from "./client-call.ts";
import { unavailable } from "./errors.ts";
import {
  methodName,
  type RequestOf,
  type ResponseOf,
  type WireMethod,
  type WireService,
} from "./handlers.ts";
import { ObjectReader } from "./object-reader.ts";
import type { RpcObserver } from "./observer.ts";
import type {
  CallOptions,
  CommonCallOptions,
  RpcClient,
  StreamName,
  StreamOptions,
  UnaryName,
} from "./rpc-client.ts";
import { injectTraceContext, type TraceContext } from "./tracing.ts";

const NS_PER_MS = 1_000_000n;
const DEADLINE_MS = 10_000;

/**
 * A wait for readiness goes to grpc-js in slices of this length: it cannot be cancelled there, and one of an
 * hour would keep the process alive for an hour.
 */
const READY_SLICE_MS = 250;

/** A client constructor that ts-proto generated (`BridgeServiceClient`). */
export interface ClientConstructor<Service extends WireService> {
  new (address: string, credentials: ChannelCredentials, options?: Partial<ChannelOptions>): Client;
  readonly service: Service;
}

/** What {@link connect} needs. */
export interface ConnectOptions {
  /** The system's: grpc-js itself goes by the system's time, so deadlines by another clock are wrong. */
  readonly clock: Clock;
  readonly observer?: Pick<RpcObserver, "clientCall">;
  readonly channel?: ChannelSettings;
  /** Deadline of a unary call that names none, in milliseconds. Default 10 s. */
  readonly deadlineMs?: number;
  /** The trace that the running code belongs to, asked once for each call that names none. */
  readonly activeTraceContext?: () => TraceContext | undefined;
}

/**
 * A client of the service behind `clientConstructor` at `target`: "unix:/path", "host:port" or an Address.
 * Does not connect yet; the first call does, and after a loss the channel reconnects by itself. Throws
 * StartupError (78) for a target that is none.
 */
export function connect<Service extends WireService>(
  clientConstructor: ClientConstructor<Service>,
  target: Address | string,
  options: ConnectOptions,
): RpcClient<Service> {
  const address = typeof target === "string" ? parseAddress(target) : target;
  if (typeof address === "string") {
    throw new StartupError({
      exitCode: EXIT_CODES.configuration,
      message: `Cannot connect to address: ${JSON.stringify(target)} (${address})`,
    });
  }
  return new GrpcClient(clientConstructor, formatAddress(address), options);
}

class GrpcClient<Service extends WireService> implements RpcClient<Service> {
  readonly target: string;
  readonly #clientConstructor: ClientConstructor<Service>;
  readonly #options: ConnectOptions;
  readonly #channelOptions: ChannelOptions;
  readonly #open = new Set<ClientCall>();
  #client: Client;
  #isClosed = false;

  constructor(clientConstructor: ClientConstructor<Service>, target: string, options: ConnectOptions) {
    this.target = target;
    this.#clientConstructor = clientConstructor;
    this.#options = options;
    this.#channelOptions = channelOptions(options.channel, target.startsWith("unix:"));
    this.#client = this.#newClient();
  }

  call<Name extends UnaryName<Service>>(
    name: Name,
    request: RequestOf<Service[Name]>,
    options: CallOptions = {},
  ): Promise<ResponseOf<Service[Name]>> {
    const method = this.#method(name);
    return new Promise((resolve, reject) => {
      this.#throwIfRefused(method, options);
      const grpcCall = this.#client.makeUnaryRequest(
        method.path,
        passOn,
        method.responseDeserialize as (bytes: Buffer) => ResponseOf<Service[Name]>,
        // Serialized here: what cannot be serialized is our bug, and grpc-js would fold it into a status.
        method.requestSerialize(request as never),
        this.#metadata(options, options.waitForReady ?? false),
        { deadline: this.#deadlineUnixMs(options) },
        (error, response) => {
          const rpcError = call.end(error);
          // Without an error there is a response: a call without one ends with UNIMPLEMENTED in grpc-js.
          if (rpcError === undefined) resolve(response as ResponseOf<Service[Name]>);
          else reject(rpcError);
        },
      );
      const call = this.#track(method, options, { cancel: () => grpcCall.cancel(), onCancelled: reject });
    });
  }

  stream<Name extends StreamName<Service>>(
    name: Name,
    request: RequestOf<Service[Name]>,
    options: StreamOptions = {},
  ): AsyncIterable<ResponseOf<Service[Name]>> {
    return {
      [Symbol.asyncIterator]: () => this.#openStream(this.#method(name), request, options),
    };
  }

  async waitForReady(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + deadlineMs;
    for (;;) {
      if (this.#isClosed) throw cancelledByCaller("waitForReady", new Error("Client closed"));
      if (signal?.aborted) throw cancelledByCaller("waitForReady", signal.reason);
      const leftMs = endMs - clock.monotonicMs();
      if (leftMs <= 0) {
        const message = `Cannot reach server: ${this.target} (${deadlineMs} ms)`;
        throw unavailable({ reason: "NOT_READY", message });
      }
      if (await this.#isReadyWithin(Math.min(leftMs, READY_SLICE_MS))) return;
    }
  }

  reconnect(): void {
    if (this.#isClosed) return;
    this.#client.close();
    this.#client = this.#newClient();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const call of [...this.#open]) call.cancel(new Error("Client closed"));
    this.#client.close();
  }

  #openStream<Response>(
    method: WireMethod,
    request: unknown,
    options: StreamOptions,
  ): ObjectReader<Response> {
    this.#throwIfRefused(method, options);
    if (options.freshConnection) this.reconnect();
    const stream = this.#client.makeServerStreamRequest(
      method.path,
      passOn,
      method.responseDeserialize,
      method.requestSerialize(request as never),
      this.#metadata(options, false),
      options.parent === undefined ? {} : { deadline: options.parent.deadlineUnixMs },
    );
    const reader = new ObjectReader<Response>(stream, () => call.cancel(undefined));
    const call = this.#track(method, options, {
      cancel: () => stream.cancel(),
      onCancelled: (error) => reader.cut(error),
    });
    stream.on("metadata", () => call.opened());
    // This listener stays: an error that comes after the consumer has left would end the process.
    stream.on("error", (error) => reader.finish(call.end(error as ServiceError)));
    // Not 'end': a consumer that leaves before it has read everything never gets there.
    stream.on("status", ({ code }) => {
      if (code === status.OK) call.end(null);
    });
    return reader;
  }

  #track(
    method: WireMethod,
    options: CommonCallOptions,
    ends: { readonly cancel: () => void; readonly onCancelled: (error: Error) => void },
  ): ClientCall {
    const call = new ClientCall({
      ...ends,
      kind: method.responseStream ? "stream" : "unary",
      method: methodName(method),
      signals: signalsOf(options),
      onEnd: () => this.#open.delete(call),
      clock: this.#options.clock,
      observer: this.#options.observer,
    });
    this.#open.add(call);
    return call;
  }

  #isReadyWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#client.waitForReady(this.#nowUnixMs() + ms, (error) => resolve(error === undefined));
    });
  }

  #method(name: string): WireMethod {
    const method = this.#clientConstructor.service[name];
    assert(method !== undefined, "a client is asked for methods that its service has");
    return method;
  }

  #throwIfRefused(method: WireMethod, options: CommonCallOptions): void {
    if (this.#isClosed) throw cancelledByCaller(methodName(method), new Error("Client closed"));
    const abortedSignal = signalsOf(options).find((signal) => signal.aborted);
    if (abortedSignal !== undefined) throw cancelledByCaller(methodName(method), abortedSignal.reason);
  }

  #metadata(options: CommonCallOptions, waitForReady: boolean): Metadata {
    const metadata = new Metadata({ waitForReady });
    for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
    const trace =
      options.traceContext ?? options.parent?.traceContext ?? this.#options.activeTraceContext?.();
    if (trace !== undefined) injectTraceContext(metadata, trace);
    return metadata;
  }

  #deadlineUnixMs(options: CallOptions): number {
    const deadlineMs = options.deadlineMs ?? this.#options.deadlineMs ?? DEADLINE_MS;
    return Math.min(
      this.#nowUnixMs() + deadlineMs,
      options.parent?.deadlineUnixMs ?? Number.POSITIVE_INFINITY,
    );
  }

  #nowUnixMs(): number {
    return Number(this.#options.clock.wallUnixNs() / NS_PER_MS);
  }

  #newClient(): Client {
    return new this.#clientConstructor(this.target, credentials.createInsecure(), this.#channelOptions);
  }
}

/** Serializer of what is serialized already. */
function passOn(bytes: Buffer): Buffer {
  return bytes;
}

function signalsOf(options: CommonCallOptions): AbortSignal[] {
  return [options.signal, options.parent?.signal].filter((signal) => signal !== undefined);
}
