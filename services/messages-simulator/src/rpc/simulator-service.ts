import { SimulatorServiceService, type WrittenMessage as WireMessage } from "@imesh/contracts/simulator/v1";
import {
  invalidArgument,
  type RpcService,
  resourceExhausted,
  rpcService,
  serverStream,
  unary,
  unavailable,
} from "@imesh/rpc";
import type { MacPaths } from "../mac/mac.ts";
import {
  LanesFullError,
  type Messages,
  OrderRefusedError,
  QuittingError,
  type WrittenMessage,
} from "../messages/messages.ts";
import { parseBurst, parseJoinDelay, parsePage, parseSay, parseSendBehavior } from "./requests.ts";
import { toTimestamp } from "./wire-time.ts";

/** When to ask again after RESOURCE_EXHAUSTED: at full speed, a thousand waiting messages are written by then. */
const RETRY_DELAY_MS = 500;

/** What stays the same for the life of the process. */
export interface SimulatorFacts {
  readonly paths: MacPaths;
  readonly seed: bigint;
  readonly startUnixNs: bigint;
}

/** imesh.simulator.v1.SimulatorService over the simulated Messages. */
export function simulatorService(messages: Messages, facts: SimulatorFacts): RpcService {
  return rpcService(SimulatorServiceService, {
    say: unary(async (request) => {
      return { message: toWire(await refusalsAsStatus(() => messages.say(parseSay(request)))) };
    }),
    burst: serverStream(async (request, { signal }, write) => {
      const order = parseBurst(request, messages.joinDelay);
      await refusalsAsStatus(() =>
        messages.burst(order, (message) => write({ message: toWire(message) }), signal),
      );
    }),
    listBubbles: unary((request) => {
      const { afterRowid, limit } = parsePage(request);
      // One more than asked for tells whether there is another page.
      const found = messages.bubbles(afterRowid, limit + 1);
      const bubbles = found.slice(0, limit);
      const nextPageToken = found.length > limit ? String(bubbles.at(-1)?.rowid) : "";
      return { bubbles: bubbles.map(toWire), nextPageToken };
    }),
    setBehavior: unary((request) => {
      // Both are parsed before either is set: a refused request changes nothing.
      const joinDelay = request.joinDelay && parseJoinDelay(request.joinDelay);
      const send = request.send && parseSendBehavior(request.send);
      if (joinDelay !== undefined) messages.joinDelay = joinDelay;
      if (send !== undefined) messages.behavior.set(send.mode, send.sends);
      return {};
    }),
    getStatus: unary(() => ({
      chatDbPath: facts.paths.chatDb,
      osascriptPath: facts.paths.osascript,
      ...messages.counts(),
      seed: facts.seed,
      startTime: toTimestamp(facts.startUnixNs),
    })),
  });
}

async function refusalsAsStatus<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OrderRefusedError)
      throw invalidArgument([{ field: error.field, description: error.bound }]);
    if (error instanceof QuittingError)
      throw unavailable({ reason: "QUITTING", message: error.message, cause: error });
    if (!(error instanceof LanesFullError)) throw error;
    throw resourceExhausted({
      reason: "LANES_FULL",
      message: error.message,
      retryDelayMs: RETRY_DELAY_MS,
      cause: error,
    });
  }
}

function toWire(message: WrittenMessage): WireMessage {
  const { guid, rowid, chatGuid, text, insertUnixNs, joinedUnixNs } = message;
  return {
    guid,
    rowid,
    chatGuid,
    text,
    insertTime: toTimestamp(insertUnixNs),
    joinedTime: joinedUnixNs === undefined ? undefined : toTimestamp(joinedUnixNs),
  };
}
