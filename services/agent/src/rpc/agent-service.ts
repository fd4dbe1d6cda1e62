import {
  AgentServiceService,
  type GetStatusResponse,
  type ListTurnsRequest,
  type ListTurnsResponse,
} from "@imesh/contracts/agent/v1";
import { invalidArgument, type RpcService, rpcService, serverStream, unary } from "@imesh/rpc";
import type { Clock } from "@imesh/time";
import type { TurnRecord } from "../store/turn-table.ts";
import { type WatchedTurns, watchTurns } from "./turn-watch.ts";
import { wireTurnOf } from "./wire-turn.ts";

/** What the service shows. */
export interface AgentServicePorts {
  readonly turns: WatchedTurns;
  /** A page of turns, newest first; null: from the newest. */
  readonly listTurns: (beforeNumber: bigint | null, turnsMax: number) => TurnRecord[];
  readonly status: () => GetStatusResponse;
  readonly clock: Clock;
}

const PAGE_SIZE_DEFAULT = 50;
const PAGE_SIZE_MAX = 500;

/** A turn's number, as the last of a page. */
const PAGE_TOKEN = /^[1-9]\d{0,17}$/;

/** imesh.agent.v1.AgentService: a window, nothing can be done through it. */
export function agentService(ports: AgentServicePorts): RpcService {
  return rpcService(AgentServiceService, {
    watchTurns: serverStream((_request, context, write) =>
      watchTurns(ports.turns, ports.clock, context, write),
    ),
    listTurns: unary((request) => listTurns(request, ports)),
    getStatus: unary(() => ports.status()),
  });
}

function listTurns(request: ListTurnsRequest, ports: AgentServicePorts): ListTurnsResponse {
  if (request.pageSize < 0)
    throw invalidArgument([{ field: "page_size", description: "must not be negative" }]);
  const pageSize = Math.min(request.pageSize === 0 ? PAGE_SIZE_DEFAULT : request.pageSize, PAGE_SIZE_MAX);
  // One more than asked for tells whether there is a next page.
  const turns = ports.listTurns(beforeNumberOf(request.pageToken), pageSize + 1);
  const page = turns.slice(0, pageSize);
  const last = page.at(-1);
  return {
    turns: page.map(wireTurnOf),
    nextPageToken: turns.length > pageSize && last !== undefined ? tokenOf(last.turnNumber) : "",
  };
}

function tokenOf(turnNumber: bigint): string {
  return Buffer.from(turnNumber.toString()).toString("base64url");
}

function beforeNumberOf(pageToken: string): bigint | null {
  if (pageToken === "") return null;
  const text = Buffer.from(pageToken, "base64url").toString("latin1");
  if (!PAGE_TOKEN.test(text)) {
    throw invalidArgument([{ field: "page_token", description: "must be a next_page_token of ListTurns" }], {
      reason: "PAGE_TOKEN_INVALID",
    });
  }
  return BigInt(text);
}
