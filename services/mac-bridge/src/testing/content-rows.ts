import { type MessageRow, RowReason } from "@imesh/contracts/broker/v1";
import {
  type AttributeRun,
  encodeAttributedBody,
  encodePropertyList,
  messageRun,
  type PropertyListLiteral,
  propertyListOf,
} from "@imesh/imessage-codec";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import { NOW_UNIX_NS } from "./commands.ts";
import { type RowFacts, wireRow } from "./rows.ts";

/** A dictionary of a property list, written down as an object. */
export function summaryDictionary(
  record: Readonly<Record<string, PropertyListLiteral>>,
): ReadonlyMap<string, PropertyListLiteral> {
  return new Map(Object.entries(record));
}

/** `message_summary_info` with these keys. */
export function summaryInfo(record: Readonly<Record<string, PropertyListLiteral>>): Buffer {
  return Buffer.from(encodePropertyList(propertyListOf(summaryDictionary(record))));
}

/** A version of a part, as the summary has it. */
export function partVersion(text: string, secondsSince2001: number): PropertyListLiteral {
  return summaryDictionary({ t: encodeAttributedBody({ text, style: "ios" }), d: secondsSince2001 });
}

/** Where {@link NOW_UNIX_NS} is, in the unit of the versions' dates. */
const NOW_S = Number(NOW_UNIX_NS / 1_000_000_000n) - 978_307_200;

/** A message of several parts as Messages keeps it while its author changes it (docs/chat-db.md §11): each state is a row. */
export class ChangingMessage {
  readonly #rowid: bigint;
  readonly #versions: { text: string; atSeconds: number }[][];
  readonly #unsent = new Set<number>();
  #upkeep = 0;
  #editedSeconds = 0;
  #seconds = NOW_S;

  /** Nobody has changed it yet. */
  constructor(rowid: bigint, texts: readonly string[]) {
    this.#rowid = rowid;
    this.#versions = texts.map((text) => [{ text, atSeconds: NOW_S }]);
  }

  /** The parts that are there. */
  get left(): readonly number[] {
    return [...this.#versions.keys()].filter((part) => !this.#unsent.has(part));
  }

  /** Time goes on. */
  wait(seconds: number): void {
    this.#seconds += seconds;
  }

  edit(part: number, text: string): void {
    this.#versions[part]?.push({ text, atSeconds: this.#seconds });
    this.#editedSeconds = this.#seconds;
  }

  unsend(part: number): void {
    this.#unsent.add(part);
    this.#editedSeconds = this.#seconds;
  }

  /** Something that its author did not write, and that stays. */
  keepUp(): void {
    this.#upkeep += 1;
  }

  /** As it is now; a change of its content unless the facts say otherwise. */
  row(facts: Partial<RowFacts> = {}): MessageRow {
    const { left } = this;
    const texts = left.map((part) => this.#versions[part]?.at(-1)?.text ?? "");
    const runs: AttributeRun[] = left.map((part, index) => messageRun(texts[index]?.length ?? 0, { part }));
    const isGone = left.length === 0;
    const body = isGone ? undefined : Buffer.from(encodeAttributedBody({ text: texts.join(""), runs }));
    return wireRow({
      rowid: this.#rowid,
      reason: RowReason.CONTENT,
      ...facts,
      columns: {
        text: undefined,
        attributedBody: body,
        messageSummaryInfo: this.#summary(),
        dateEdited: this.#editedSeconds === 0 ? 0n : appleTime(this.#editedSeconds),
        partCount: left.length,
        isEmpty: isGone,
        ...facts.columns,
      },
    });
  }

  #summary(): Buffer | undefined {
    const edited = [...this.#versions.entries()].filter(([, versions]) => versions.length > 1);
    const record: Record<string, PropertyListLiteral> = {};
    if (edited.length > 0) {
      const history = edited.map(
        ([part, versions]) =>
          [String(part), versions.map(({ text, atSeconds }) => partVersion(text, atSeconds))] as const,
      );
      record.ec = new Map(history);
      record.ep = edited.map(([part]) => BigInt(part));
    }
    if (this.#unsent.size > 0) record.rp = [...this.#unsent].map(BigInt);
    if (edited.length > 0 || this.#unsent.size > 0) record.otr = this.#originalRanges();
    if (this.#upkeep > 0) record.translatedText = `translation ${this.#upkeep}`;
    return Object.keys(record).length === 0 ? undefined : summaryInfo(record);
  }

  #originalRanges(): PropertyListLiteral {
    let start = 0;
    const ranges = this.#versions.map((versions, part) => {
      const length = versions[0]?.text.length ?? 0;
      const range = summaryDictionary({ lo: BigInt(start), le: BigInt(length) });
      start += length;
      return [String(part), range] as const;
    });
    return new Map(ranges);
  }
}

function appleTime(secondsSince2001: number): bigint {
  return unixNsToAppleTime(BigInt(Math.round((secondsSince2001 + 978_307_200) * 1e6)) * 1_000n);
}
