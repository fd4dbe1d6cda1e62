import type { Style, Tone } from "../terminal/style.ts";
import type { Examined, Finding } from "./check.ts";
import { CHECKS } from "./doctor.ts";

const MARKS: Readonly<Record<Finding["kind"], { readonly word: string; readonly tone: Tone }>> = {
  ok: { word: "ok", tone: "good" },
  warning: { word: "warning", tone: "warning" },
  failed: { word: "failed", tone: "bad" },
  "not-applicable": { word: "–", tone: "dim" },
};

const WORD_WIDTH = "warning".length;
const TITLE_WIDTH = Math.max(...CHECKS.map((check) => check.title.length));

/** A finding for people: how it is, what was examined, what is; below it what to do. */
export function findingLines({ check, finding }: Examined, style: Style): string[] {
  const { word, tone } = MARKS[finding.kind];
  const detail = finding.kind === "not-applicable" ? style("dim", finding.detail) : finding.detail;
  const line = `${style(tone, word.padEnd(WORD_WIDTH))}  ${check.title.padEnd(TITLE_WIDTH)}  ${detail}`;
  if (!("advice" in finding)) return [line];
  return [
    line,
    `${" ".repeat(WORD_WIDTH)}  ${" ".repeat(TITLE_WIDTH)}  ${style("accent", "→")} ${finding.advice}`,
  ];
}

/** A finding as `--json` prints it. Keys are stable. */
export function findingRecord({ check, finding }: Examined): Readonly<Record<string, unknown>> {
  return {
    check: check.name,
    result: finding.kind,
    detail: finding.detail,
    advice: "advice" in finding ? finding.advice : null,
  };
}
