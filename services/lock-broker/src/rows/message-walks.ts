import { type ColumnValues, toBlob, toInt64, toText } from "./column-values.ts";
import { columnOf, NUMBER, ROW_BODY_BYTES_MAX, upTo } from "./query-text.ts";
import type { MessagePosition, MessageText, MessageWalk, MessageWalkStep } from "./rows.ts";
import type { ChatDbSchema } from "./schema-probe.ts";
import type { Query, Statements } from "./statements.ts";
import { type DateOrder, isWithin, mergePlaces, walkBounds } from "./walk-bounds.ts";

/** Rows looked through in a step where no index gives them by date: some 2 ms. */
const LOOKED_ROWS_MAX = 2_000;

/** Bytes of bodies in a step of a search, but for the last row's. */
const STEP_BODY_BYTES_MAX = 2 * ROW_BODY_BYTES_MAX;

/** The statements of one direction. */
interface WalkQueries {
  /** ([chat,] date, rowid, last date, limit) → places beyond the first, dated up to the last. Undefined: no index for it. */
  readonly dated: Query<ColumnValues> | undefined;
  /** ([chat,] rowid, limit) → places without a date beyond the ROWID. */
  readonly undated: Query<ColumnValues> | undefined;
  /** ([chat,] rowid, limit) → places beyond the ROWID, in its order. */
  readonly byRowid: Query<ColumnValues>;
}

/**
 * Walks over messages by their date, step by step, each of bounded work: along an index where there is one, which all Macs since
 * 10.13 are believed to have; else along the ROWIDs, looking through {@link LOOKED_ROWS_MAX} of them a step.
 */
export class MessageWalks {
  readonly #areDatesSeconds: boolean;
  readonly #all: Readonly<Record<DateOrder, WalkQueries>>;
  readonly #ofChat: Readonly<Record<DateOrder, WalkQueries>>;
  readonly #text: Query<ColumnValues>;

  constructor(statements: Statements, schema: ChatDbSchema) {
    this.#areDatesSeconds = !schema.has("chat_message_join", "message_date");
    const orders = (queries: (order: DateOrder) => WalkQueries) => ({
      "newest-first": queries("newest-first"),
      "oldest-first": queries("oldest-first"),
    });
    this.#all = orders((order) => allQueries(statements, schema, order));
    this.#ofChat = orders((order) => chatQueries(statements, schema, order));
    const body = (column: string) => upTo(ROW_BODY_BYTES_MAX, columnOf(schema, "message", "m", column));
    this.#text = statements.rows(`SELECT ${body("text")} AS text, ${body("attributedBody")} AS attributedBody
      FROM message m WHERE m.ROWID = ${NUMBER}`);
  }

  /** The next places; the messages themselves are read by their ROWIDs, and may be gone where only a join is left. */
  step(walk: MessageWalk): MessageWalkStep<MessagePosition> {
    const queries = (walk.chatRowid === undefined ? this.#all : this.#ofChat)[walk.order];
    return queries.dated === undefined ? this.#alongRowids(queries, walk) : this.#alongDates(queries, walk);
  }

  /** The next places with what a search looks at: fewer when the bodies are large. */
  textStep(walk: MessageWalk): MessageWalkStep<MessageText> {
    const { entries: places, next } = this.step(walk);
    const entries: MessageText[] = [];
    let bytes = 0;
    for (const place of places) {
      const values = this.#text.get(place.rowid);
      const text = toText(values?.text);
      const attributedBody = toBlob(values?.attributedBody);
      entries.push({ ...place, text, attributedBody });
      bytes += (text?.length ?? 0) + (attributedBody?.length ?? 0);
      if (bytes > STEP_BODY_BYTES_MAX && entries.length < places.length) return { entries, next: place };
    }
    return { entries, next };
  }

  #alongDates(queries: WalkQueries, walk: MessageWalk): MessageWalkStep<MessagePosition> {
    const bounds = walkBounds(walk, this.#areDatesSeconds);
    const chat = walk.chatRowid === undefined ? [] : [walk.chatRowid];
    const { start, lastDate } = bounds;
    const dated = queries.dated?.all(...chat, start.date, start.rowid, lastDate, walk.limit) ?? [];
    const undated =
      bounds.undatedBeyond === undefined
        ? []
        : (queries.undated?.all(...chat, bounds.undatedBeyond, walk.limit) ?? []);
    const entries = mergePlaces(walk.order, dated.map(toPlace), undated.map(toPlace)).slice(0, walk.limit);
    return { entries, next: entries.length < walk.limit ? undefined : entries.at(-1) };
  }

  #alongRowids(queries: WalkQueries, walk: MessageWalk): MessageWalkStep<MessagePosition> {
    const chat = walk.chatRowid === undefined ? [] : [walk.chatRowid];
    const beyond = walk.after?.rowid ?? (walk.order === "newest-first" ? 2n ** 63n - 1n : -(2n ** 63n));
    const looked = queries.byRowid.all(...chat, beyond, LOOKED_ROWS_MAX).map(toPlace);
    const entries: MessagePosition[] = [];
    for (const place of looked) {
      if (isWithin(place.date, walk, this.#areDatesSeconds)) entries.push(place);
      if (entries.length === walk.limit) return { entries, next: place };
    }
    return { entries, next: looked.length < LOOKED_ROWS_MAX ? undefined : looked.at(-1) };
  }
}

/** All messages. A Mac that lacks `date` altogether gives all of them as dated 0. */
function allQueries(statements: Statements, schema: ChatDbSchema, order: DateOrder): WalkQueries {
  const { beyond, within, direction } = WORDS[order];
  const date = columnOf(schema, "message", "m", "date");
  const select = `SELECT ${date} AS date, m.ROWID AS rowid FROM message m`;
  const byRowid = `${select} WHERE m.ROWID ${beyond} ${NUMBER} ORDER BY m.ROWID ${direction} LIMIT ${NUMBER}`;
  if (!schema.isIndexed("message", "date")) {
    return { dated: undefined, undated: undefined, byRowid: statements.rows(byRowid) };
  }
  return {
    dated: statements.rows(`${select} WHERE (m.date, m.ROWID) ${beyond} (${NUMBER}, ${NUMBER})
      AND m.date ${within} ${NUMBER} AND typeof(m.date) = 'integer'
      ORDER BY m.date ${direction}, m.ROWID ${direction} LIMIT ${NUMBER}`),
    undated: statements.rows(`${select} WHERE m.date IS NULL AND m.ROWID ${beyond} ${NUMBER}
      ORDER BY m.ROWID ${direction} LIMIT ${NUMBER}`),
    byRowid: statements.rows(byRowid),
  };
}

/** Those of a chat, by the dates of their joins. */
function chatQueries(statements: Statements, schema: ChatDbSchema, order: DateOrder): WalkQueries {
  const { beyond, within, direction } = WORDS[order];
  const table = "chat_message_join";
  const ofChat = `WHERE j.chat_id = ${NUMBER}`;
  const byRowid =
    statements.rows(`SELECT ${columnOf(schema, "message", "m", "date")} AS date, j.message_id AS rowid
    FROM ${table} j CROSS JOIN message m ON m.ROWID = j.message_id ${ofChat} AND j.message_id ${beyond} ${NUMBER}
    ORDER BY j.message_id ${direction} LIMIT ${NUMBER}`);
  if (!schema.isIndexed(table, "chat_id", "message_date", "message_id")) {
    return { dated: undefined, undated: undefined, byRowid };
  }
  const select = `SELECT j.message_date AS date, j.message_id AS rowid FROM ${table} j ${ofChat}`;
  return {
    dated: statements.rows(`${select} AND (j.message_date, j.message_id) ${beyond} (${NUMBER}, ${NUMBER})
      AND j.message_date ${within} ${NUMBER} AND typeof(j.message_date) = 'integer'
      ORDER BY j.message_date ${direction}, j.message_id ${direction} LIMIT ${NUMBER}`),
    undated: statements.rows(`${select} AND j.message_date IS NULL AND j.message_id ${beyond} ${NUMBER}
      ORDER BY j.message_id ${direction} LIMIT ${NUMBER}`),
    byRowid,
  };
}

/** An order in SQL. */
const WORDS: Readonly<
  Record<DateOrder, { readonly beyond: string; readonly within: string; readonly direction: string }>
> = {
  "newest-first": { beyond: "<", within: ">=", direction: "DESC" },
  "oldest-first": { beyond: ">", within: "<=", direction: "ASC" },
};

function toPlace(values: ColumnValues): MessagePosition {
  return { date: toInt64(values.date), rowid: toInt64(values.rowid) };
}
