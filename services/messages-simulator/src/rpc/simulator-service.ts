import {
  type ActRequest,
  SimulatorServiceService,
  type VisibleChange,
  type WrittenMessage as WireMessage,
} from "@imesh/contracts/simulator/v1";
import { invalidArgument, type RpcService, rpcService, serverStream, unary } from "@imesh/rpc";
import type { Disturbances } from "../disturbances/disturbances.ts";
import type { MacPaths } from "../mac/mac.ts";
import type { MaintenanceOrder } from "../maintenance/maintenance.ts";
import type { WrittenMessage } from "../messages/incoming.ts";
import type { Messages } from "../messages/messages.ts";
import type { Player } from "../play/player.ts";
import type { RecordedChange, TruthLog } from "../truth/truth-log.ts";
import { parseAct, wireNameOf } from "./act-requests.ts";
import {
  parseBackfill,
  parseChangesPage,
  parseDisturb,
  parseMaintain,
  parsePlay,
} from "./database-requests.ts";
import { refusalsAsStatus } from "./refusals.ts";
import { parseBurst, parseJoinDelay, parsePage, parseSay, parseSendBehavior } from "./requests.ts";
import { toTimestamp } from "./wire-time.ts";

/** What stays the same for the life of the process. */
export interface SimulatorFacts {
  readonly paths: MacPaths;
  readonly truth: TruthLog;
  readonly seed: bigint;
  readonly startUnixNs: bigint;
}

/** What the service is a face of. */
export interface SimulatorParts {
  readonly messages: Messages;
  readonly disturbances: Disturbances;
  readonly player: Player;
  /** Apple's upkeep. */
  readonly maintain: (order: MaintenanceOrder) => void;
}

/** imesh.simulator.v1.SimulatorService over the simulated Messages and their disk. */
export function simulatorService(parts: SimulatorParts, facts: SimulatorFacts): RpcService {
  const { messages, disturbances, player } = parts;
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
    act: unary(async ({ action }) => {
      const messageRowids = await actOn(parts, action);
      return { messageRowids: [...messageRowids], lastChangeSequence: facts.truth.lastSequence };
    }),
    disturb: unary(async (request, { signal }) => {
      const order = parseDisturb(request);
      return { databaseUid: await refusalsAsStatus(() => disturbances.run(order, signal)) };
    }),
    play: serverStream(async (request, { signal }, write) => {
      const order = parsePlay(request);
      await refusalsAsStatus(() => player.play(order, write, signal));
    }),
    listVisibleChanges: unary((request) => {
      const { afterSequence, limit } = parseChangesPage(request);
      return { changes: facts.truth.after(afterSequence, limit).map(toWireChange) };
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
      databaseUid: messages.databaseUid,
      seed: facts.seed,
      startTime: toTimestamp(facts.startUnixNs),
    })),
  });
}

/** Does the one thing that is asked for; gives the messages that it touched. */
async function actOn(parts: SimulatorParts, action: ActRequest["action"]): Promise<readonly bigint[]> {
  if (action === undefined) throw invalidArgument([{ field: "action", description: "must be set" }]);
  const { messages } = parts;
  if (action.$case === "maintain") {
    parts.maintain(parseMaintain(action.value));
    return [];
  }
  if (action.$case === "backfill") {
    return await refusalsAsStatus(() => messages.backfill(parseBackfill(action.value)));
  }
  return await refusalsAsStatus(() => messages.act(parseAct(action)), `${wireNameOf(action)}.`);
}

function toWireChange({ sequence, change, databaseUid, commitUnixNs }: RecordedChange): VisibleChange {
  return { sequence, ...change, databaseUid, commitTime: toTimestamp(commitUnixNs) };
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
