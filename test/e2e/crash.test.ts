/**
 * I3–I7, I10: any process dies by SIGKILL in the middle of traffic and comes back; nothing is lost, nothing comes twice,
 * every message is answered once, and no command makes two bubbles. The truth is read from chat.db at the end.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Turn, TurnState } from "@imesh/contracts/agent/v1";
import type { Command } from "@imesh/contracts/bridge/v1/command";
import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { Direction } from "@imesh/contracts/bridge/v1/event";
import { SeededRandom, waitFor } from "@imesh/testing";
import { Fleet, type ServiceName } from "../fleet/fleet.ts";
import { headRowidOf, messagesIn } from "../fleet/ground-truth.ts";
import { Recorder } from "../fleet/recorder.ts";

const victims: readonly ServiceName[] = ["messages-simulator", "lock-broker", "mac-bridge", "agent"];
const settled: readonly number[] = [
  CommandState.DELIVERED,
  CommandState.READ,
  CommandState.REFUSED,
  CommandState.FAILED,
  CommandState.UNCERTAIN,
];

for (const victim of victims) {
  test(`${victim} is killed three times in the middle of traffic`, { timeout: 120_000 }, async () => {
    const random = SeededRandom.fromEnvironment(`kills of ${victim}`);
    await using fleet = await Fleet.start({
      flags: { "mac-bridge": ["--send-deadline-ms", "5000", "--proof-window-ms", "3000"] },
    });
    const firstRowid = headRowidOf(fleet.chatDbPath);
    await using recorder = new Recorder(fleet.socket("mac-bridge"));

    let isTalking = true;
    const talking = talk(fleet, () => isTalking);
    for (let kill = 0; kill < 3; kill++) {
      await sleep(300 + random.next() * 700);
      await fleet.kill(victim);
      await sleep(random.next() * 300);
      await fleet.start(victim);
    }
    await sleep(500);
    isTalking = false;
    await talking;

    const truth = () => messagesIn(fleet.chatDbPath, false, firstRowid);
    const seen = () => recorder.messages(Direction.INCOMING).filter(({ event }) => event.chat !== undefined);
    await waitFor(() => seen().length >= truth().length, {
      deadlineMs: 30_000,
      what: `all of ${truth().length} messages`,
    });
    assert.ok(truth().length > 50, "there was traffic");
    const perChat = (pairs: { chat: string; guid: string }[]) => Map.groupBy(pairs, ({ chat }) => chat);
    const byChat = new Map(
      [...perChat(truth().map(({ chatGuid, guid }) => ({ chat: chatGuid, guid })))].sort(),
    );
    const seenByChat = new Map(
      [
        ...perChat(
          seen().map(({ event, message }) => ({ chat: event.chat?.guid ?? "", guid: message.guid })),
        ),
      ].sort(),
    );
    assert.deepEqual(
      sortedWithin(seenByChat),
      sortedWithin(byChat),
      "each message exactly once, in its chat",
    );

    const sequences = seen().map(({ event }) => event.sequence);
    await waitFor(async () => answeredBy(await turnsOf(fleet), sequences), {
      deadlineMs: 30_000,
      what: "an answer to every message",
    });
    const turns = await turnsOf(fleet);
    assert.deepEqual(
      sequences.filter((sequence) => turns.filter((turn) => covers(turn, sequence, seen())).length !== 1),
      [],
      "each message in exactly one turn",
    );

    const bridge = fleet.bridge();
    const commands = async (): Promise<Command[]> => {
      const page = await bridge.call("listCommands", { pageSize: 500, pageToken: "" });
      assert.equal(page.nextPageToken, "", "one page holds every command");
      return page.commands;
    };
    await waitFor(async () => (await commands()).every(({ state }) => settled.includes(state)), {
      deadlineMs: 30_000,
      what: "every command settled",
    });
    const asked = turns.flatMap(({ requestId }) => (requestId === "" ? [] : [requestId]));
    assert.deepEqual(
      (await commands()).map(({ requestId }) => requestId).sort(),
      asked.sort(),
      "each answered turn has exactly one command, and no command is without its turn",
    );
    const proven = (await commands()).map(({ messageGuid }) => messageGuid).filter((guid) => guid !== "");
    assert.equal(new Set(proven).size, proven.length, "no two commands share a bubble");
    const bubbles = messagesIn(fleet.chatDbPath, true, firstRowid).map(({ guid }) => guid);
    assert.deepEqual([...bubbles].sort(), [...proven].sort(), "each bubble belongs to exactly one command");
  });
}

/** Eight contacts write, each when the last of theirs is committed, whatever the simulator goes through. */
async function talk(fleet: Fleet, isTalking: () => boolean): Promise<void> {
  const simulator = fleet.simulator();
  const contact = async (from: string): Promise<void> => {
    for (let n = 0; isTalking(); n++) {
      const request = { from, text: `number ${n}`, chatGuid: "", joinDelay: undefined, age: undefined };
      await simulator.call("say", request, { deadlineMs: 2_000 }).catch(() => undefined);
      await sleep(50);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => contact(`+1555000200${index}`)));
}

async function turnsOf(fleet: Fleet): Promise<Turn[]> {
  const { turns, nextPageToken } = await fleet.agent().call("listTurns", { pageSize: 500, pageToken: "" });
  assert.equal(nextPageToken, "", "one page holds every turn");
  return turns;
}

function covers(turn: Turn, sequence: bigint, seen: ReturnType<Recorder["messages"]>): boolean {
  const chat = seen.find(({ event }) => event.sequence === sequence)?.event.chat?.guid;
  return turn.chatGuid === chat && turn.firstSequence <= sequence && sequence <= turn.lastSequence;
}

function answeredBy(turns: readonly Turn[], sequences: readonly bigint[]): boolean {
  const last = sequences.at(-1) ?? 0n;
  return (
    turns.every(({ state }) => state === TurnState.REPLIED || state === TurnState.FAILED) &&
    turns.some(({ lastSequence }) => lastSequence >= last)
  );
}

function sortedWithin(chats: Map<string, { guid: string }[]>): [string, string[]][] {
  return [...chats].map(([chat, messages]) => [chat, messages.map(({ guid }) => guid).sort()]);
}
