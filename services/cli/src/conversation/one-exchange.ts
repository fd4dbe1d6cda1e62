import { EXIT_CODES } from "@imesh/lifecycle";
import type { CommandContext } from "../command.ts";
import { ExchangeFollower } from "../exchange/exchange-follower.ts";
import type { RunningStack } from "../stack/running-stack.ts";
import { formatMs } from "../terminal/duration.ts";
import { untilAborted } from "../until-aborted.ts";
import {
  answerLines,
  bubbleLines,
  CONTACT_LABEL,
  exchangeRecord,
  failureOf,
  resultLines,
  STAND_IN_NOTICE,
} from "./exchange-view.ts";

/** One exchange and nothing else. */
export interface OneExchangeOptions {
  readonly contact: string;
  readonly text: string;
  /** Longest wait for the delivered answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly isJson: boolean;
}

/**
 * Lets the contact say `text`, prints the exchange with its hops, and resolves with the exit code: 0
 * delivered, 69 not.
 */
export async function oneExchange(
  stack: RunningStack,
  options: OneExchangeOptions,
  context: CommandContext,
): Promise<number> {
  const { environment, output } = context;
  const { timeoutMs } = options;
  await using follower = await ExchangeFollower.start(context, stack.targets, environment.stop);
  const failed = Promise.race([stack.ended, follower.ended]).then(() => undefined);
  failed.catch(() => {});
  const told = untilAborted(environment.stop);
  const saying = { from: options.contact, text: options.text, timeoutMs };
  const result = await Promise.race([follower.say(saying), failed, told]);
  // Nobody but us ends the stack and the streams, so we were told to end: cut short, which is not done.
  if (result === undefined) throw environment.stop.reason;
  const failure = failureOf(result, timeoutMs);
  if (options.isJson) {
    const readyMs = stack.readyMs;
    output.json({ ...exchangeRecord(result, stack.answerer, timeoutMs), readyMs });
    return failure === undefined ? EXIT_CODES.ok : EXIT_CODES.unavailable;
  }
  const { style, noteStyle } = output;
  output.note(noteStyle("dim", `imesh was ready in ${formatMs(stack.readyMs)}`));
  if (stack.answerer === "stand-in") output.note(noteStyle("warning", STAND_IN_NOTICE));
  for (const line of bubbleLines(CONTACT_LABEL, "good", options.text, style)) output.line(line);
  if (result.exchange.answer !== undefined) {
    for (const line of answerLines(result.exchange, stack.answerer, style)) output.line(line);
  }
  for (const line of resultLines(result, timeoutMs, style)) output.line(line);
  return failure === undefined ? EXIT_CODES.ok : EXIT_CODES.unavailable;
}
