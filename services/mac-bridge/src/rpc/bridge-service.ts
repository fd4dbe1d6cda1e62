import {
  BridgeServiceService,
  BrokerConnection,
  type GetStatusResponse,
  type ListCommandsRequest,
  type ListCommandsResponse,
} from "@imesh/contracts/bridge/v1";
import type { Command } from "@imesh/contracts/bridge/v1/command";
import type { BrokerServiceService } from "@imesh/contracts/broker/v1";
import { assert } from "@imesh/flow";
import {
  alreadyExists,
  type CallContext,
  notFound,
  type RpcClient,
  type RpcService,
  resourceExhausted,
  rpcService,
  serverStream,
  unary,
} from "@imesh/rpc";
import type { BrokerLink } from "../intake/intake.ts";
import { type Outbox, OutboxError } from "../send/outbox.ts";
import { commandToWire } from "./command-wire.ts";
import { translated } from "./journal-unavailable.ts";
import { listChats } from "./list-chats.ts";
import { ordinalOfPageToken, pageTokenOf } from "./page-token.ts";
import { type ValidSend, validPageSize, validRequestId, validSend } from "./request-validation.ts";
import { type SubscribePorts, subscribe } from "./subscribe-rpc.ts";

/** Collaborators of the service. */
export interface BridgeServicePorts extends Omit<SubscribePorts, "intake"> {
  readonly intake: SubscribePorts["intake"] & { readonly link: BrokerLink };
  readonly outbox: Outbox;
  readonly broker: RpcClient<BrokerServiceService>;
}

const COMMANDS_PAGE = { default: 50, max: 500 } as const;

/** Long enough for some commands to leave the outbox: each takes a fraction of a second. */
const OUTBOX_FULL_RETRY_MS = 5_000;

/**
 * The generated definition, except that frames of Subscribe are bytes already: see encodeBatchFrame(). A server never
 * decodes its own responses.
 */
const DEFINITION = {
  ...BridgeServiceService,
  subscribe: {
    ...BridgeServiceService.subscribe,
    responseSerialize: (frame: Buffer): Buffer => frame,
    responseDeserialize: (bytes: Buffer): Buffer => bytes,
  },
} as const;

/** imesh.bridge.v1.BridgeService: wire to domain and back, nothing else. */
export function bridgeService(ports: BridgeServicePorts): RpcService {
  return rpcService(DEFINITION, {
    subscribe: serverStream((request, context, write) => subscribe(ports, request, context, write)),
    sendMessage: unary((request, context) => ({
      command: accept(ports.outbox, validSend(request), context),
    })),
    getCommand: unary((request) => ({ command: getCommand(ports, request.requestId) })),
    listCommands: unary((request) => listCommands(ports, request)),
    listChats: unary((request, context) => listChats(ports.broker, request, context)),
    getStatus: unary(() => getStatus(ports)),
  });
}

function accept(outbox: Outbox, send: ValidSend, context: CallContext): Command {
  const traceparent = context.traceContext?.traceparent ?? "";
  try {
    return commandToWire(translated(() => outbox.accept({ ...send, traceparent })));
  } catch (error) {
    throw error instanceof OutboxError ? outboxRefusal(error) : error;
  }
}

function outboxRefusal(error: OutboxError) {
  const { refusal } = error;
  if (refusal.code === "request-id-reused") {
    return alreadyExists({
      reason: "REQUEST_ID_REUSED",
      message: "Cannot accept command: its request_id was used with another chat or text",
      cause: error,
    });
  }
  return resourceExhausted({
    reason: "OUTBOX_FULL",
    message: `Cannot accept command: too many are open (at most ${refusal.openMax})`,
    metadata: { openMax: String(refusal.openMax) },
    retryDelayMs: OUTBOX_FULL_RETRY_MS,
    cause: error,
  });
}

function getCommand({ journal }: BridgeServicePorts, text: string): Command {
  const requestId = validRequestId(text);
  const command = translated(() => journal.state.command(requestId));
  if (command !== null) return commandToWire(command);
  throw notFound({ reason: "COMMAND_NOT_FOUND", message: "Cannot find command: no such request_id" });
}

function listCommands({ journal }: BridgeServicePorts, request: ListCommandsRequest): ListCommandsResponse {
  const itemsMax = validPageSize(request.pageSize, COMMANDS_PAGE);
  const beforeOrdinal = ordinalOfPageToken(request.pageToken);
  // One more than asked for: whether there is a next page.
  const found = translated(() => journal.state.listCommands({ beforeOrdinal, itemsMax: itemsMax + 1 }));
  const page = found.slice(0, itemsMax);
  const last = page.at(-1);
  assert(last !== undefined || found.length === 0, "a page of commands has at least one item");
  const hasMore = found.length > itemsMax && last !== undefined;
  return { commands: page.map(commandToWire), nextPageToken: hasMore ? pageTokenOf(last.ordinal) : "" };
}

function getStatus({ journal, intake, feed }: BridgeServicePorts): GetStatusResponse {
  return {
    journalId: journal.journalId,
    headSequence: journal.head,
    broker: CONNECTIONS[intake.link],
    databaseHeadRowid: intake.databaseHeadRowid,
    subscribers: feed.subscribers.length,
    openCommands: translated(() => journal.state.countOpenCommands()),
  };
}

const CONNECTIONS: Readonly<Record<BrokerLink, BrokerConnection>> = {
  disconnected: BrokerConnection.DISCONNECTED,
  "catching-up": BrokerConnection.CATCHING_UP,
  live: BrokerConnection.LIVE,
};
