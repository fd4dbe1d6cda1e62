import { type Exchange, outcomeOf } from "../exchange/exchange.ts";
import type { ExchangeResult } from "../exchange/exchange-follower.ts";
import { hopRecords, hopTableLines } from "../exchange/hop-table.ts";
import { hopsOf, stopPointOf, totalMs } from "../exchange/hops.ts";
import { withoutControls } from "../terminal/control-text.ts";
import type { Style, Tone } from "../terminal/style.ts";

/** Who answers: Claude, or the local stand-in that repeats what it is told. */
export type Answerer = "claude" | "stand-in";

/** Says so whenever answers do not come from Claude. */
export const STAND_IN_NOTICE =
  "answers come from the local stand-in: set ANTHROPIC_API_KEY for answers from Claude";

/** Name of the contact's side of the conversation. */
export const CONTACT_LABEL = "you";

const LABEL_WIDTH = "stand-in".length;

/** A bubble: who, and what; further lines are indented below the first. */
export function bubbleLines(who: string, tone: Tone, text: string, style: Style): string[] {
  const [first = "", ...others] = text.split("\n").map(withoutControls);
  const label = style(tone, who.padEnd(LABEL_WIDTH));
  return [`${label}  ${first}`, ...others.map((line) => `${" ".repeat(LABEL_WIDTH)}  ${line}`)];
}

/** The bubble of the answer. */
export function answerLines(exchange: Exchange, answerer: Answerer, style: Style): string[] {
  return bubbleLines(answererLabel(answerer), "accent", exchange.answer?.text ?? "", style);
}

/** Everything below the bubbles: the hops, and what went wrong when something did. */
export function resultLines(result: ExchangeResult, timeoutMs: number, style: Style): string[] {
  const failure = failureOf(result, timeoutMs);
  const hops = hopTableLines(hopsOf(result.exchange), style);
  return failure === undefined ? hops : [...hops, `  ${style("bad", failure)}`];
}

/** Why there is no delivered answer, as one phrase; undefined when there is one. */
export function failureOf({ exchange, outcome }: ExchangeResult, timeoutMs: number): string | undefined {
  switch (outcome.kind) {
    case "delivered":
      return undefined;
    case "failed":
      return `${outcome.reason}: ${stopOf(exchange)}`;
    case "timed-out": {
      const missing = exchange.answer === undefined ? "no answer" : "answered, but not delivered";
      return `${missing} within ${timeoutMs / 1000} s: ${stopOf(exchange)}`;
    }
  }
}

/** An exchange as `--json` prints it. */
export function exchangeRecord(
  result: ExchangeResult,
  answerer: Answerer,
  timeoutMs: number,
): Readonly<Record<string, unknown>> {
  const { exchange, outcome } = result;
  const hops = hopsOf(exchange);
  return {
    kind: "exchange",
    outcome: outcome.kind,
    reason: failureOf(result, timeoutMs) ?? null,
    stoppedAt: outcomeOf(exchange).kind === "delivered" ? null : (stopPointOf(exchange) ?? null),
    answeredBy: answerer,
    model: exchange.turn?.model ?? null,
    said: { guid: exchange.said.guid, chatGuid: exchange.said.chatGuid, text: exchange.said.text },
    answer: exchange.answer === undefined ? null : { guid: exchange.answer.guid, text: exchange.answer.text },
    journalId: exchange.arrival?.journalId ?? null,
    sequence: exchange.arrival?.sequence ?? null,
    requestId: exchange.turn?.requestId ?? null,
    hops: hopRecords(hops),
    totalMs: totalMs(hops),
  };
}

function stopOf(exchange: Exchange): string {
  return stopPointOf(exchange)?.description ?? "every hop was passed";
}

function answererLabel(answerer: Answerer): string {
  return answerer === "claude" ? "claude" : "stand-in";
}
