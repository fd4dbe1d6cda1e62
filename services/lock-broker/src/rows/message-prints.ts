import { assert } from "@imesh/flow";
import {
  blobBytes,
  type ContentMode,
  messagePrint,
  type PrintLine,
  type PrintSource,
  rowidOf,
} from "./message-print.ts";
import { AT, messagePrintQueries, SEVERAL } from "./message-print-query.ts";
import { rowidHash, sumHashes } from "./print-hash.ts";
import type { KnownContent, MessagePrint } from "./prints.ts";
import { ROW_BODY_BYTES_MAX, recoverableQuery } from "./query-text.ts";
import { type RecordShape, recordShape } from "./record-size.ts";
import type { ChatDbSchema } from "./schema-probe.ts";
import type { Query, Statements } from "./statements.ts";

/**
 * Rows whose blobs are read at once. Made into one buffer by SQLite, because a buffer for each blob costs more than all the
 * rest of a print.
 */
const CHUNK_ROWS_MAX = 128;

/** Bytes of blobs read at once, but for the first row's. */
const CHUNK_BYTES_MAX = 4 * ROW_BODY_BYTES_MAX;

const NEVER: ContentMode = { kind: "never" };
const ALWAYS: ContentMode = { kind: "always" };

/** In which direction rows are looked through. */
type Direction = "after" | "before";

/** Makes prints of messages. */
export class MessagePrints {
  readonly #shape: RecordShape;
  readonly #one: Query<PrintLine>;
  readonly #lines: Readonly<Record<Direction, Query<PrintLine>>>;
  readonly #blobs: Readonly<Record<Direction, Query<PrintLine>>>;
  readonly #chats: Query<PrintLine>;
  readonly #attachments: Query<PrintLine> | undefined;
  readonly #recoverable: Query<PrintLine> | undefined;

  constructor(statements: Statements, schema: ChatDbSchema) {
    const queries = messagePrintQueries(schema);
    const recoverable = recoverableQuery(schema);
    this.#shape = recordShape(schema, "message");
    this.#one = statements.arrays(queries.one);
    this.#lines = { after: statements.arrays(queries.after), before: statements.arrays(queries.before) };
    this.#blobs = {
      after: statements.arrays(queries.blobsAfter),
      before: statements.arrays(queries.blobsBefore),
    };
    this.#chats = statements.arrays(queries.chats);
    this.#attachments =
      queries.attachments === undefined ? undefined : statements.arrays(queries.attachments);
    this.#recoverable = recoverable === undefined ? undefined : statements.arrays(recoverable);
  }

  /** Of one row; undefined when it is gone. */
  one(rowid: bigint, known: KnownContent | undefined): MessagePrint | undefined {
    const line = this.#one.get(rowid);
    if (line === undefined) return undefined;
    const blobs = line[AT.blobs];
    assert(Buffer.isBuffer(blobs), "the blobs of a row come in a buffer");
    const mode = known === undefined ? ALWAYS : ({ kind: "changed", known } as const);
    return messagePrint(this.#source(line, blobs, 0), mode, this.#shape);
  }

  /** Of the first `limit` rows beyond `rowid`, in the direction's order. Fewer only when no more are there. */
  page(direction: Direction, rowid: bigint, limit: number, hasContent: boolean): MessagePrint[] {
    const mode = hasContent ? ALWAYS : NEVER;
    const prints: MessagePrint[] = [];
    let from = rowid;
    while (prints.length < limit) {
      const wanted = Math.min(CHUNK_ROWS_MAX, limit - prints.length);
      const lines = this.#lines[direction].all(from, wanted);
      const fitting = fittingLines(lines);
      prints.push(...this.#printAll(direction, from, fitting, mode));
      const last = prints.at(-1);
      if (last === undefined || (lines.length < wanted && fitting.length === lines.length)) break;
      from = last.rowid;
    }
    return prints;
  }

  #printAll(
    direction: Direction,
    from: bigint,
    lines: readonly PrintLine[],
    mode: ContentMode,
  ): MessagePrint[] {
    if (lines.length === 0) return [];
    const [blobs] = this.#blobs[direction].get(from, lines.length) ?? [];
    assert(Buffer.isBuffer(blobs), "the blobs of rows that are there come in a buffer");
    let at = 0;
    const prints = lines.map((line) => {
      const print = messagePrint(this.#source(line, blobs, at), mode, this.#shape);
      at += blobBytes(line);
      return print;
    });
    assert(at === blobs.length, "the blobs of a snapshot's rows have the sizes that the rows say");
    return prints;
  }

  #source(line: PrintLine, blobs: Buffer, blobsAt: number): PrintSource {
    const chat = line[AT.chat];
    const isJoined = typeof chat === "number";
    return {
      line,
      blobs,
      blobsAt,
      chats: this.#setHash(chat, this.#chats, line),
      isJoined,
      attachments: this.#setHash(line[AT.attachment], this.#attachments, line),
      isRecoverable: !isJoined && this.#recoverable?.get(rowidOf(line)) !== undefined,
    };
  }

  #setHash(value: PrintLine[number] | undefined, all: Query<PrintLine> | undefined, line: PrintLine): number {
    if (typeof value !== "number") return 0;
    if (value !== SEVERAL) return rowidHash(value);
    const rowids = all?.all(rowidOf(line)) ?? [];
    return sumHashes(rowids.map(([rowid]) => rowidHash(typeof rowid === "number" ? rowid : 0)));
  }
}

/** The lines from the first on whose blobs fit into a chunk; at least one. */
function fittingLines(lines: readonly PrintLine[]): readonly PrintLine[] {
  let bytes = 0;
  const beyond = lines.findIndex((line, index) => {
    bytes += blobBytes(line);
    return index > 0 && bytes > CHUNK_BYTES_MAX;
  });
  return beyond < 0 ? lines : lines.slice(0, beyond);
}
