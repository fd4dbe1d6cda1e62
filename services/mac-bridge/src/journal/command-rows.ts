import { assert } from "@imesh/flow";
import {
  type CommandState,
  canAdvance,
  parseChatGuid,
  parseRequestId,
  type RequestId,
} from "@imesh/imessage-model";
import type { Database, Statement } from "better-sqlite3";
import type { RowSource } from "./bridge-event.ts";
import type { CommandProof, CommandRecord } from "./command-record.ts";
import type { CommandRange } from "./journal-store.ts";

const COLUMNS = [
  "ordinal",
  "request_id",
  "content_sha256",
  "chat_guid",
  "text",
  "state",
  "floor_database_uid",
  "floor_generation",
  "floor_rowid",
  "proof_database_uid",
  "proof_generation",
  "proof_rowid",
  "message_guid",
  "fault_reason",
  "fault_number",
  "fault_description",
  "accepted_unix_ns",
  "dispatched_unix_ns",
  "returned_unix_ns",
  "written_unix_ns",
  "sent_unix_ns",
  "delivered_unix_ns",
  "settled_unix_ns",
  "traceparent",
] as const;

type Column = (typeof COLUMNS)[number];
type Value = string | bigint | null;
type CommandRow = Readonly<Record<Column, Value>>;

const LIST = COLUMNS.join(", ");

/** Columns that acceptance fixes for ever; an update leaves them alone. */
const FIXED: ReadonlySet<Column> = new Set([
  "ordinal",
  "request_id",
  "content_sha256",
  "chat_guid",
  "text",
  "accepted_unix_ns",
  "traceparent",
]);

/** Commands in doubt that one row is compared with; the oldest ones, because they have waited longest. */
const PROVABLE_MAX = 64;

/** The command table of the journal's database. Called inside and outside the store's transaction; never begins one. */
export class CommandRows {
  readonly #upsert: Statement<Value[]>;
  readonly #state: Statement<[string], string>;
  readonly #byKey: Statement<[string], CommandRow>;
  readonly #inFlight: Statement<[], CommandRow>;
  readonly #next: Statement<[], CommandRow>;
  readonly #countOpen: Statement<[], bigint>;
  readonly #provable: Statement<[string], CommandRow>;
  readonly #byProof: Statement<[bigint, string], CommandRow>;
  readonly #list: Statement<[bigint | null, bigint | null, number], CommandRow>;

  constructor(database: Database) {
    const updates = COLUMNS.filter((column) => !FIXED.has(column)).map(
      (column) => `${column} = excluded.${column}`,
    );
    this.#upsert = database.prepare(
      `INSERT INTO command (${LIST}) VALUES (${COLUMNS.map(() => "?").join(", ")})
       ON CONFLICT (ordinal) DO UPDATE SET ${updates.join(", ")}`,
    );
    this.#state = database
      .prepare<[string], string>("SELECT state FROM command WHERE request_id = ?")
      .pluck();
    this.#byKey = database.prepare(`SELECT ${LIST} FROM command WHERE request_id = ?`);
    this.#inFlight = database.prepare(
      `SELECT ${LIST} FROM command WHERE state = 'dispatched' ORDER BY ordinal`,
    );
    this.#next = database.prepare(
      `SELECT ${LIST} FROM command WHERE state = 'accepted'
         AND chat_guid NOT IN (SELECT chat_guid FROM command WHERE state = 'dispatched')
       ORDER BY ordinal LIMIT 1`,
    );
    this.#countOpen = database
      .prepare<[], bigint>("SELECT count(1) FROM command WHERE state IN ('accepted', 'dispatched')")
      .pluck();
    this.#provable = database.prepare(
      `SELECT ${LIST} FROM command WHERE state IN ('dispatched', 'uncertain') AND chat_guid = ?
       ORDER BY state = 'uncertain', ordinal LIMIT ${PROVABLE_MAX}`,
    );
    this.#byProof = database.prepare(
      `SELECT ${LIST} FROM command WHERE proof_rowid = ? AND proof_database_uid = ? ORDER BY ordinal DESC LIMIT 1`,
    );
    this.#list = database.prepare(
      `SELECT ${LIST} FROM command WHERE ? IS NULL OR ordinal < ? ORDER BY ordinal DESC LIMIT ?`,
    );
  }

  /** Asserts that the move is one the model allows: the last line against a second dispatch (I7). */
  put(command: CommandRecord): void {
    const stored = this.#state.get(command.requestId) as CommandState | undefined;
    if (stored === undefined) {
      assert(command.state === "accepted", "a new command is accepted");
    } else {
      const isAllowed = stored === command.state || canAdvance(stored, command.state);
      assert(isAllowed, `a command moves on as the model allows, not ${stored} to ${command.state}`);
    }
    const row = rowOf(command);
    this.#upsert.run(...COLUMNS.map((column) => row[column]));
  }

  get(requestId: RequestId): CommandRecord | null {
    return recordOrNull(this.#byKey.get(requestId));
  }

  inFlight(): CommandRecord[] {
    return this.#inFlight.all().map(recordOf);
  }

  nextDispatchable(): CommandRecord | null {
    return recordOrNull(this.#next.get());
  }

  countOpen(): number {
    return Number(this.#countOpen.get() ?? 0n);
  }

  provable(chatGuid: string): CommandRecord[] {
    return this.#provable.all(chatGuid).map(recordOf);
  }

  ofRow(row: Omit<RowSource, "generation">): CommandRecord | null {
    return recordOrNull(this.#byProof.get(row.rowid, row.databaseUid));
  }

  list(range: CommandRange): CommandRecord[] {
    return this.#list.all(range.beforeOrdinal, range.beforeOrdinal, range.itemsMax).map(recordOf);
  }
}

function rowOf(command: CommandRecord): CommandRow {
  const { floor, proof, fault, times } = command;
  return {
    ordinal: command.ordinal,
    request_id: command.requestId,
    content_sha256: command.contentSha256,
    chat_guid: command.chatGuid,
    text: command.text,
    state: command.state,
    floor_database_uid: floor?.databaseUid ?? null,
    floor_generation: floor?.generation ?? null,
    floor_rowid: floor?.rowid ?? null,
    proof_database_uid: proof?.databaseUid ?? null,
    proof_generation: proof?.generation ?? null,
    proof_rowid: proof?.rowid ?? null,
    message_guid: proof?.messageGuid ?? null,
    fault_reason: fault?.reason ?? null,
    fault_number: fault === null ? null : BigInt(fault.number),
    fault_description: fault?.description ?? null,
    accepted_unix_ns: times.acceptedUnixNs,
    dispatched_unix_ns: times.dispatchedUnixNs,
    returned_unix_ns: times.returnedUnixNs,
    written_unix_ns: times.writtenUnixNs,
    sent_unix_ns: times.sentUnixNs,
    delivered_unix_ns: times.deliveredUnixNs,
    settled_unix_ns: times.settledUnixNs,
    traceparent: command.traceparent,
  };
}

function recordOrNull(row: CommandRow | undefined): CommandRecord | null {
  return row === undefined ? null : recordOf(row);
}

// The table is STRICT and only rowOf() writes it, so the casts restate what the schema holds.
function recordOf(row: CommandRow): CommandRecord {
  const floorRowid = row.floor_rowid as bigint | null;
  return {
    ordinal: row.ordinal as bigint,
    requestId: parseRequestId(row.request_id as string),
    contentSha256: row.content_sha256 as string,
    chatGuid: parseChatGuid(row.chat_guid as string),
    text: row.text as string,
    state: row.state as CommandState,
    floor:
      floorRowid === null
        ? null
        : {
            databaseUid: row.floor_database_uid as string,
            generation: row.floor_generation as string,
            rowid: floorRowid,
          },
    proof: proofOf(row),
    fault:
      row.fault_reason === null
        ? null
        : {
            reason: row.fault_reason as string,
            number: Number(row.fault_number),
            description: row.fault_description as string,
          },
    times: {
      acceptedUnixNs: row.accepted_unix_ns as bigint,
      dispatchedUnixNs: row.dispatched_unix_ns as bigint | null,
      returnedUnixNs: row.returned_unix_ns as bigint | null,
      writtenUnixNs: row.written_unix_ns as bigint | null,
      sentUnixNs: row.sent_unix_ns as bigint | null,
      deliveredUnixNs: row.delivered_unix_ns as bigint | null,
      settledUnixNs: row.settled_unix_ns as bigint | null,
    },
    traceparent: row.traceparent as string,
  };
}

function proofOf(row: CommandRow): CommandProof | null {
  const rowid = row.proof_rowid as bigint | null;
  if (rowid === null) return null;
  return {
    databaseUid: row.proof_database_uid as string,
    generation: row.proof_generation as string,
    rowid,
    messageGuid: row.message_guid as string,
  };
}
