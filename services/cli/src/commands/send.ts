import { BridgeServiceClient, type BridgeServiceService } from "@imesh/contracts/bridge/v1";
import type { Command } from "@imesh/contracts/bridge/v1/command";
import { EXIT_CODES } from "@imesh/lifecycle";
import { connect, type RpcClient, RpcError } from "@imesh/rpc";
import { deadlineSignal } from "@imesh/time";
import { BRIDGE_FLAGS, bridgeTarget } from "../clients/targets.ts";
import { type CommandContext, defineCommand, JSON_FLAG } from "../command.ts";
import { commandRecord } from "../events/command-record.ts";
import { type CommandStateWord, commandStateWord } from "../events/command-words.ts";
import { CommandProgress } from "../send/command-progress.ts";
import { SEND_EXIT_CODES } from "./exit-codes.ts";

const POLL_INTERVAL_MS = 50;

/** Reason of a refusal: Messages knows no chat of that guid. */
const CHAT_NOT_FOUND = "CHAT_NOT_FOUND";

/** What `--wait` may ask for, weakest first. */
const PROOFS = ["accepted", "written", "sent", "delivered"] as const;

/** How far each state proves a message to be, as an index of PROOFS; -1 for states that prove nothing. */
const PROOF_OF_STATE: Readonly<Record<CommandStateWord, number>> = {
  unspecified: -1,
  accepted: 0,
  dispatched: 0,
  written: 1,
  sent: 2,
  delivered: 3,
  read: 3,
  refused: -1,
  failed: -1,
  uncertain: -1,
};

/** `imesh send`. */
export const sendCommand = defineCommand({
  name: "send",
  summary: "Sends a message to a chat, and proves from Messages' own database what became of it.",
  operands: [
    { name: "CHAT_GUID", help: "The chat, as imesh chats lists it" },
    { name: "TEXT", help: "What to send, 1 to 20000 UTF-16 code units" },
  ],
  flags: {
    requestId: {
      type: "string",
      default: null,
      help: "Key that never sends twice; default a fresh UUID",
    },
    wait: {
      type: "choice",
      choices: PROOFS,
      default: "sent",
      help: "How far it must be proven to count as done",
    },
    timeout: {
      type: "integer",
      min: 1,
      max: 3_600,
      default: 30,
      help: "Longest wait for that proof, in seconds",
    },
    ...BRIDGE_FLAGS,
    ...JSON_FLAG,
  },
  notes: [
    "Exit codes: 0 proven, 10 refused, 11 failed, 12 uncertain, 13 not proven in time; see imesh help exit-codes.",
    "After 13, the same command with the same --request-id goes on watching and sends nothing again.",
    "The chat must be there: somebody wrote in it once. With the simulated Mac, imesh sim say makes one. Example:",
    '  imesh sim say "Where are you?" && imesh send "any;-;+15551234567" "On my way" --wait delivered',
  ],
  run: async ({ flags, operands: [chatGuid = "", text = ""] }, context) => {
    const { clock, random, surroundings, environment, output } = context;
    await using bridge = connect(BridgeServiceClient, bridgeTarget(flags, surroundings), { clock });
    const requestId = flags.requestId ?? random.uuid();
    // Told first: whatever happens next, the same key finds the message again.
    if (flags.requestId === null) output.note(output.noteStyle("dim", `request id ${requestId}`));
    const { command } = await bridge.call(
      "sendMessage",
      { requestId, chatGuid, text },
      { signal: environment.stop },
    );
    const progress = new CommandProgress();
    const show = (state: Command) => {
      if (flags.json) {
        if (progress.isNews(state)) output.json(commandRecord(state));
        return;
      }
      for (const line of progress.lines(state, output.style)) output.line(line);
    };
    return await follow(command, PROOFS.indexOf(flags.wait), {
      bridge,
      context,
      requestId,
      timeoutMs: flags.timeout * 1_000,
      show,
      hint: (text) => output.note(`  ${output.noteStyle("accent", "→")} ${text}`),
    });
  },
});

interface Following {
  readonly bridge: RpcClient<typeof BridgeServiceService>;
  readonly context: CommandContext;
  readonly requestId: string;
  readonly timeoutMs: number;
  readonly show: (command: Command) => void;
  readonly hint: (text: string) => void;
}

/**
 * Watches the command until it is proven as far as `proof`, or cannot be any more, or time is up; the exit
 * code says which.
 */
async function follow(first: Command | undefined, proof: number, following: Following): Promise<number> {
  const { clock, environment } = following.context;
  using deadline = deadlineSignal(clock, following.timeoutMs, environment.stop);
  let command = first;
  while (!deadline.signal.aborted) {
    if (command !== undefined) {
      following.show(command);
      const state = commandStateWord(command.state);
      if (state === "refused" || state === "failed" || state === "uncertain") {
        if (command.error?.reason === CHAT_NOT_FOUND) following.hint("imesh chats lists those it knows");
        return SEND_EXIT_CODES[state];
      }
      if (PROOF_OF_STATE[state] >= proof) return EXIT_CODES.ok;
    }
    // Only the deadline ends this sleep early, and the loop condition sees it.
    await clock.sleep(POLL_INTERVAL_MS, deadline.signal).catch(() => {});
    command = await ask(following, deadline.signal);
  }
  return SEND_EXIT_CODES.unproven;
}

/** Undefined while the bridge is away: the command is durable, so it will still be there. */
async function ask(following: Following, signal: AbortSignal): Promise<Command | undefined> {
  const { bridge, requestId } = following;
  try {
    return (await bridge.call("getCommand", { requestId }, { signal })).command;
  } catch (error) {
    const isPassing = error instanceof RpcError && ["UNAVAILABLE", "CANCELLED"].includes(error.code);
    if (isPassing) return undefined;
    throw error;
  }
}
