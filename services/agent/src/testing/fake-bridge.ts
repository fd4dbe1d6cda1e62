import {
  BridgeServiceService,
  type SubscribeRequest,
  type SubscribeResponse,
} from "@imesh/contracts/bridge/v1";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import {
  ArrivalClass,
  Chat,
  ChatStyle,
  Direction,
  type Event,
  Message,
} from "@imesh/contracts/bridge/v1/event";
import {
  alreadyExists,
  type CallContext,
  failedPrecondition,
  HealthRegistry,
  outOfRange,
  type RpcError,
  type RpcServer,
  rpcService,
  serverStream,
  startRpcServer,
  unary,
  unimplemented,
  type Write,
} from "@imesh/rpc";
import { SystemClock } from "@imesh/time";

/** Who writes every incoming message. */
const SENDER = { address: "+15550100", service: "iMessage", personKey: "+15550100" };

/** A message to put into the journal. */
export interface FakeMessage {
  readonly chat: string;
  readonly text: string;
  readonly direction?: "incoming" | "own";
  readonly arrivalClass?: ArrivalClass;
  readonly style?: ChatStyle;
  readonly guid?: string;
  readonly requestId?: string;
  readonly traceparent?: string;
  /** What else the message has. */
  readonly rest?: Partial<Message>;
}

/** A bubble that the bridge accepted. */
export interface AcceptedSend {
  readonly requestId: string;
  readonly chatGuid: string;
  readonly text: string;
}

/**
 * mac-bridge as its contract describes it, in memory: a journal, a stream after any position, and SendMessage that answers the
 * same key with the same command. An accepted bubble comes back as an own message, as from a Mac. Its faults are switches.
 */
export class FakeBridge implements AsyncDisposable {
  journalId: string;
  /** Every bubble accepted, once each, in order. */
  readonly accepted: AcceptedSend[] = [];
  /** Every SendMessage, repeated ones included. */
  readonly attempts: AcceptedSend[] = [];
  /** Trace contexts that came with them. */
  readonly traceparents: (string | undefined)[] = [];
  /** Every Subscribe, in order. */
  readonly subscriptions: SubscribeRequest[] = [];
  /** Asked before each SendMessage is looked at, and after it was accepted; a throw is what the caller gets. */
  beforeSend: () => RpcError | undefined = () => undefined;
  afterSend: () => RpcError | undefined = () => undefined;
  /** Whether heartbeats and events go out. */
  isSilent = false;
  readonly #events: Event[] = [];
  readonly #wakers = new Set<() => void>();
  #server: RpcServer | undefined;
  #cut = new AbortController();

  constructor(journalId: string) {
    this.journalId = journalId;
  }

  /** Listens on the Unix socket `path`. */
  async listen(path: string): Promise<void> {
    const service = rpcService(BridgeServiceService, {
      subscribe: serverStream((request, context, write) => this.#subscribe(request, context, write)),
      sendMessage: unary((request, context) => {
        this.traceparents.push(context.traceContext?.traceparent);
        return this.#send(request);
      }),
      getCommand: unary(notServed),
      listCommands: unary(notServed),
      listChats: unary(notServed),
      getStatus: unary(notServed),
    });
    this.#server = await startRpcServer({
      services: [service],
      listen: [{ kind: "unix", path }],
      health: new HealthRegistry(),
      observer: { serverCall: () => {}, unexpectedError: (_method, error) => this.#fail(error) },
      clock: new SystemClock(),
      limits: { streamDrainMs: 200, unaryDrainMs: 200 },
    });
  }

  /** Stops listening, having told the streams. The journal stays. */
  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get headSequence(): bigint {
    return BigInt(this.#events.length);
  }

  /** Ends every open stream as a crash would. */
  cutStreams(): void {
    const cut = this.#cut;
    this.#cut = new AbortController();
    cut.abort();
  }

  /** A journal that was rebuilt: empty, under another id. */
  replaceJournal(journalId: string): void {
    this.journalId = journalId;
    this.#events.length = 0;
    this.cutStreams();
  }

  /** Puts a message into the journal and returns its sequence. */
  append(message: FakeMessage): bigint {
    return this.#push(message.arrivalClass ?? ArrivalClass.LIVE, message, {
      $case: "message",
      value: Message.fromPartial({
        guid: message.guid ?? `guid-${this.journalId}-${this.#events.length + 1}`,
        direction: message.direction === "own" ? Direction.OWN : Direction.INCOMING,
        sender: message.direction === "own" ? undefined : SENDER,
        text: message.text,
        service: "iMessage",
        requestId: message.requestId ?? "",
        ...message.rest,
      }),
    });
  }

  #push(arrivalClass: ArrivalClass, message: FakeMessage, payload: Event["payload"]): bigint {
    const sequence = this.headSequence + 1n;
    const nowMs = BigInt(Date.now());
    this.#events.push({
      sequence,
      journalId: this.journalId,
      arrivalClass,
      source: undefined,
      hopTimes: {
        sentTime: undefined,
        committedTime: undefined,
        detectedTime: undefined,
        readTime: undefined,
        receivedTime: undefined,
        journaledTime: { seconds: nowMs / 1_000n, nanos: Number(nowMs % 1_000n) * 1_000_000 },
      },
      traceparent: message.traceparent ?? "",
      chat: Chat.fromPartial({
        guid: message.chat,
        style: message.style ?? ChatStyle.DIRECT,
        identifier: message.chat,
        service: "iMessage",
        conversationKey: `direct:${message.chat}`,
      }),
      payload,
    });
    for (const wake of this.#wakers) wake();
    return sequence;
  }

  #send(request: AcceptedSend) {
    this.attempts.push(request);
    const fault = this.beforeSend();
    if (fault !== undefined) throw fault;
    const { requestId, chatGuid, text } = request;
    const known = this.accepted.find((send) => send.requestId === requestId);
    if (known === undefined) {
      this.accepted.push({ requestId, chatGuid, text });
      this.append({ chat: chatGuid, text, direction: "own", requestId });
    } else if (known.text !== text || known.chatGuid !== chatGuid) {
      throw alreadyExists({
        reason: "REQUEST_ID_REUSED",
        message: "Cannot accept another content under a known key",
      });
    }
    const lost = this.afterSend();
    if (lost !== undefined) throw lost;
    const command = { requestId, chatGuid, state: CommandState.ACCEPTED, messageGuid: "", error: undefined };
    return { command: { ...command, times: undefined } };
  }

  async #subscribe(
    request: SubscribeRequest,
    context: CallContext,
    write: Write<SubscribeResponse>,
  ): Promise<void> {
    this.subscriptions.push(request);
    if (request.journalId !== "" && request.journalId !== this.journalId) {
      const metadata = { journalId: this.journalId };
      throw failedPrecondition({
        reason: "JOURNAL_CHANGED",
        message: "Cannot go on: another journal",
        metadata,
      });
    }
    let sent = request.start?.$case === "afterSequence" ? request.start.value : this.headSequence;
    if (sent > this.headSequence) {
      const metadata = { headSequence: `${this.headSequence}` };
      throw outOfRange({
        reason: "SEQUENCE_AFTER_HEAD",
        message: "Cannot go on: position after the head",
        metadata,
      });
    }
    const ends = AbortSignal.any([context.signal, context.draining, this.#cut.signal]);
    const drain = () => write({ frame: { $case: "drain", value: { lastSequence: sent } } });
    const sendNew = async () => {
      while (sent < this.headSequence) {
        const events = this.#events.slice(Number(sent), Number(sent) + 64);
        sent += BigInt(events.length);
        await write({ frame: { $case: "batch", value: { events } } });
      }
    };
    await sendNew();
    const position = { journalId: this.journalId, headSequence: sent };
    await write({ frame: { $case: "caughtUp", value: position } });
    while (!ends.aborted) {
      await this.#change(ends);
      if (!this.isSilent && !ends.aborted) await sendNew();
    }
    if (context.draining.aborted) await drain();
  }

  /** Resolves at the next append, or when `ends` aborts. */
  #change(ends: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakers.delete(wake);
        ends.removeEventListener("abort", wake);
        resolve();
      };
      this.#wakers.add(wake);
      ends.addEventListener("abort", wake);
    });
  }

  #fail(error: unknown): void {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function notServed(): never {
  throw unimplemented({ reason: "NOT_SERVED", message: "Cannot serve this call: a test's bridge" });
}
