import type { Clock } from "@imesh/time";
import type { CommitNotice } from "../commits/commits.ts";
import type { DatabaseIdentity } from "../rows/rows.ts";
import type { ChangeReader, ChangeView } from "./change-reader.ts";
import type { ToldChange } from "./changes.ts";
import type { Ledger } from "./ledger.ts";
import { type Meeting, meetDatabase } from "./meet-database.ts";
import type { ScanReason } from "./scan-plan.ts";
import { Slice } from "./slice.ts";
import type { ToldChanges } from "./told-changes.ts";

/** What the recorder counts (port). Must not throw. */
export interface RecorderCounters {
  /** Rows looked up in a slice. */
  lookedUp(rows: number): void;
  /** Changes were recorded; `isScanned`: a scan found them. */
  told(changes: readonly ToldChange[], isScanned: boolean): void;
}

/** Collaborators of a recorder. */
export interface RecorderPorts {
  readonly ledger: Ledger;
  readonly reader: ChangeReader;
  readonly told: ToldChanges;
  readonly clock: Clock;
  readonly counters: RecorderCounters;
  /** Something is to be looked through: scans/ asks what. Must not throw. */
  readonly requestScan: (reason: ScanReason) => void;
}

/** What a slice is for. */
export interface SliceKind {
  /** It answers a scan, not a commit. */
  readonly isScanned: boolean;
  readonly notice: CommitNotice;
}

/** What is done in a slice; `isTimeUp` says when its bounds are reached. */
export type SliceWork<T> = (slice: Slice, view: ChangeView, isTimeUp: () => boolean) => T;

/** What a slice has come to. */
export interface SliceResult<T> {
  readonly result: T;
  /** Changes told. */
  readonly changes: number;
  /** Something was written. */
  readonly isWritten: boolean;
}

/** Bounds of one slice: read transaction and ledger transaction alike. */
export const SLICE_ROWS_MAX = 256;
const SLICE_MS_MAX = 20;

/** Runs slices: a transaction of the ledger over one of chat.db, and when both ended well, tells what came of it (I4). */
export class SliceRunner {
  readonly #ports: RecorderPorts;
  readonly #settleDeadlineMs: number;
  readonly #listeners = new Set<(notice: CommitNotice) => void>();
  #database: DatabaseIdentity = { databaseUid: "", generation: "" };
  #headRowid = 0n;

  constructor(ports: RecorderPorts, options: { readonly settleDeadlineMs: number }) {
    this.#ports = ports;
    this.#settleDeadlineMs = options.settleDeadlineMs;
  }

  /** The database that is followed, as the wire names it. The same object until it is another. */
  get database(): DatabaseIdentity {
    return this.#database;
  }

  /** Largest ROWID of `message` when it was last read. */
  get headRowid(): bigint {
    return this.#headRowid;
  }

  subscribe(listener: (notice: CommitNotice) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Runs one. Throws ChatDbError, LedgerError; then nothing has happened. */
  run<T>(kind: SliceKind, work: SliceWork<T>): SliceResult<T> {
    const { ledger, reader, clock, counters, told } = this.#ports;
    const isCaughtUp = kind.isScanned || kind.notice.source === "open";
    const moment = {
      nowUnixMs: wallUnixMs(clock),
      settleDeadlineMs: this.#settleDeadlineMs,
      isCaughtUp,
    };
    const done = ledger.transaction(() =>
      reader.read((view) => {
        const endMs = clock.monotonicMs() + SLICE_MS_MAX;
        const meeting = meetDatabase(ledger, view);
        const slice = new Slice(ledger, view, moment);
        const isTimeUp = () => slice.rows >= SLICE_ROWS_MAX || clock.monotonicMs() >= endMs;
        const result = work(slice, view, isTimeUp);
        const { identity, facts } = view;
        const readAtUnixNs = clock.wallUnixNs();
        return { meeting, slice, result, identity, headRowid: facts.headRowid, readAtUnixNs };
      }),
    );
    const { slice, meeting } = done;
    this.#note(done.identity, done.headRowid);
    counters.lookedUp(slice.rows);
    if (slice.told.length > 0) {
      const context = {
        database: this.#database,
        notice: kind.notice,
        readAtUnixNs: done.readAtUnixNs,
        isCaughtUp,
      };
      told.push(slice.told, context);
      this.#notify(kind.notice);
      counters.told(slice.told, kind.isScanned);
    }
    if (meeting !== "same") this.#announce(meeting, kind.notice);
    return {
      result: done.result,
      changes: slice.told.length,
      isWritten: slice.isWritten || meeting !== "same",
    };
  }

  /** A scan was planned, and its plan is in the ledger. */
  announceScan(reason: ScanReason): void {
    this.#ports.requestScan(reason);
  }

  #announce(meeting: Meeting, notice: CommitNotice): void {
    this.announceScan(meeting === "moved" ? "moved" : "baseline");
    this.#notify(notice);
  }

  #notify(notice: CommitNotice): void {
    for (const listener of [...this.#listeners]) listener(notice);
  }

  #note(identity: DatabaseIdentity, headRowid: bigint): void {
    this.#headRowid = headRowid;
    const { databaseUid, generation } = this.#database;
    if (identity.databaseUid !== databaseUid || identity.generation !== generation) this.#database = identity;
  }
}

/** Now, in Unix milliseconds, whole. */
export function wallUnixMs(clock: Clock): number {
  return Number(clock.wallUnixNs() / 1_000_000n);
}
