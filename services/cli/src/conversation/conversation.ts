import { EXIT_CODES } from "@imesh/lifecycle";
import type { CommandContext } from "../command.ts";
import { ExchangeFollower } from "../exchange/exchange-follower.ts";
import type { RunningStack } from "../stack/running-stack.ts";
import { collectStatus } from "../status/stack-status.ts";
import { statusLines } from "../status/status-lines.ts";
import { formatMs } from "../terminal/duration.ts";
import { BurstMeter } from "./burst-meter.ts";
import { parseInput } from "./conversation-input.ts";
import { answerLines, resultLines, STAND_IN_NOTICE } from "./exchange-view.ts";
import { Screen } from "./screen.ts";

/** A conversation of a person at the terminal with the agent. */
export interface ConversationOptions {
  /** The contact as whom the person types. */
  readonly contact: string;
  /** Longest wait for each answer, in milliseconds. */
  readonly timeoutMs: number;
}

const BURST_WAIT_MS = 30_000;
const BURST_LOOK_MS = 50;
const BURST_CHATS_MAX = 5;

/** Talks with the person until they leave, or the process is told to end. Resolves with the exit code. */
export async function converse(
  stack: RunningStack,
  options: ConversationOptions,
  context: CommandContext,
): Promise<number> {
  const { environment, output } = context;
  await using follower = await ExchangeFollower.start(context, stack.targets, environment.stop);
  using screen = new Screen(environment, output);
  stack.onNote((line) => screen.show([line]));
  screen.show(greeting(stack, options, context));
  const talk = new Conversation({ stack, follower, screen, context }, options);
  const failed = Promise.race([stack.ended, follower.ended]).then(() => {});
  failed.catch(() => {});
  const typing = screen.readLines((line) => talk.take(line), environment.stop);
  await Promise.race([typing, failed, talk.left]);
  return EXIT_CODES.ok;
}

function greeting(stack: RunningStack, options: ConversationOptions, { output }: CommandContext): string[] {
  const { style } = output;
  return [
    `${style("strong", `imesh is ready in ${formatMs(stack.readyMs)}`)}  ${style("dim", "with a simulated Mac")}`,
    ...(stack.answerer === "stand-in" ? [style("warning", STAND_IN_NOTICE)] : []),
    style("dim", `You type as the contact ${options.contact}. /help tells what else there is, /quit ends.`),
    "",
  ];
}

interface ConversationParts {
  readonly stack: RunningStack;
  readonly follower: ExchangeFollower;
  readonly screen: Screen;
  readonly context: CommandContext;
}

const HELP = [
  "/burst N   let up to five contacts say N things at once, and tell how long they took to be durable",
  "/status    how every service is and how far it got",
  "/quit      end everything",
  "Anything else is said to the agent. // at the beginning says a text that begins with /.",
];

/** What happens to each line that the person types. Several exchanges may be under way at once. */
class Conversation {
  /** Resolves when the person leaves; rejects with what no line should have met. */
  readonly left: Promise<void>;
  readonly #parts: ConversationParts;
  readonly #options: ConversationOptions;
  readonly #left = Promise.withResolvers<void>();

  constructor(parts: ConversationParts, options: ConversationOptions) {
    this.#parts = parts;
    this.#options = options;
    this.left = this.#left.promise;
  }

  /** Begins to do what `line` says; the person may go on typing. */
  take(line: string): void {
    this.#obey(line).catch((error: unknown) => this.#left.reject(error));
  }

  async #obey(line: string): Promise<void> {
    const { screen, context } = this.#parts;
    const input = parseInput(line);
    switch (input.kind) {
      case "nothing":
        return screen.show([]);
      case "text":
        return this.#say(input.text);
      case "burst":
        return this.#burst(input.messages);
      case "status":
        return screen.show(await this.#status());
      case "help":
        return screen.show(HELP.map((text) => context.output.style("dim", text)));
      case "quit":
        return this.#left.resolve();
      case "unknown":
        return screen.show([context.output.style("warning", `${input.reason}; /help tells what there is`)]);
    }
  }

  async #say(text: string): Promise<void> {
    const { follower, screen, stack, context } = this.#parts;
    const { style } = context.output;
    const { timeoutMs, contact } = this.#options;
    let isAnswerShown = false;
    const result = await follower.say({ from: contact, text, timeoutMs }, (exchange) => {
      if (exchange.answer === undefined || isAnswerShown) return;
      isAnswerShown = true;
      screen.show(answerLines(exchange, stack.answerer, style));
    });
    screen.show([...resultLines(result, timeoutMs, style), ""]);
  }

  async #burst(messages: number): Promise<void> {
    const { follower, screen, context } = this.#parts;
    const { clock, environment, output } = context;
    const meter = new BurstMeter();
    const unwatch = follower.watchEvents((event) => meter.addEvent(event));
    const chats = Math.min(messages, BURST_CHATS_MAX);
    const seed = clock.wallUnixNs() & 0xffff_ffffn;
    const request = { messages, chats, ratePerSecond: 0, joinDelay: undefined, seed, prefix: "burst" };
    try {
      await follower.burst(request, (message) => meter.addWritten(message), environment.stop);
      const endMs = clock.monotonicMs() + BURST_WAIT_MS;
      while (!meter.isDone(messages) && clock.monotonicMs() < endMs) {
        await clock.sleep(BURST_LOOK_MS, environment.stop);
      }
    } finally {
      unwatch();
    }
    const { written, journaled, p50Ms, p99Ms, maxMs } = meter.summary;
    const spread = `p50 ${formatMs(p50Ms)}, p99 ${formatMs(p99Ms)}, most ${formatMs(maxMs)}`;
    screen.show([
      `${written} messages in ${chats} chats, ${journaled} durable in the journal: commit → journal ${spread}`,
      output.style("dim", "the agent goes on answering them; /status tells how far it is"),
      "",
    ]);
  }

  async #status(): Promise<string[]> {
    const { stack, context } = this.#parts;
    return [...statusLines(await collectStatus(stack.home, context), context.output.style), ""];
  }
}
