import type { Clock } from "@imesh/time";
import type { LogPlace } from "../capture/candidates.ts";
import type { Ledger } from "./ledger.ts";

/** A place without changes is written at most this often, or after so many frames: reading them again costs milliseconds. */
const PLACE_MS = 1_000;
const PLACE_FRAMES = 1_000;

/** Changes deleted at a time: half a millisecond. */
const TRIM_SLICE = 1_000;

/** A checkpoint costs an fsync: after so many transactions (some 800 pages), in the first pause. */
const CHECKPOINT_WRITES = 200;
const PAUSE_MS = 250;

/** What can wait, and is done when there is time: the place in the log when nothing else is written, trimming, checkpoints. */
export class LedgerUpkeep {
  readonly #ports: { readonly ledger: Ledger; readonly clock: Clock };
  readonly #changesMax: number;
  /** Further than the ledger's, when set. */
  #place: LogPlace | undefined;
  #placeSinceMs = 0;
  #writes = 0;
  #wroteMs = 0;

  constructor(
    ports: { readonly ledger: Ledger; readonly clock: Clock },
    options: { readonly changesMax: number },
  ) {
    this.#ports = ports;
    this.#changesMax = options.changesMax;
  }

  /** Up to where the log has been worked off. */
  get logPlace(): LogPlace | undefined {
    return this.#place ?? this.#ports.ledger.store.logPlace;
  }

  /** Everything up to `place` was worked off, and there was nothing to write: it is written by and by. Undefined: no news. */
  noteLogPlace(place: LogPlace | undefined): void {
    if (place === undefined || isSamePlace(place, this.logPlace)) return;
    if (this.#place === undefined) this.#placeSinceMs = this.#ports.clock.monotonicMs();
    this.#place = place;
  }

  /** A place was written together with changes: what was put off is out of date. */
  placeWritten(): void {
    this.#place = undefined;
  }

  /** A transaction wrote something. */
  noteWrite(): void {
    this.#writes += 1;
    this.#wroteMs = this.#ports.clock.monotonicMs();
  }

  /** Milliseconds until {@link run} is worth it; undefined: there is nothing to do. */
  dueInMs(): number | undefined {
    const nowMs = this.#ports.clock.monotonicMs();
    if (this.#isTrimDue() || this.#isPlaceFar()) return 0;
    const placeMs =
      this.#place === undefined ? undefined : Math.max(0, this.#placeSinceMs + PLACE_MS - nowMs);
    if (this.#writes < CHECKPOINT_WRITES) return placeMs;
    const checkpointMs = Math.max(0, this.#wroteMs + PAUSE_MS - nowMs);
    return placeMs === undefined ? checkpointMs : Math.min(placeMs, checkpointMs);
  }

  /** Does the most urgent of what is due. Throws LedgerError. */
  run(): void {
    if (this.dueInMs() !== 0) return;
    const { ledger, clock } = this.#ports;
    if (this.#isTrimDue()) {
      ledger.transaction(() => ledger.log.trim(this.#changesMax, TRIM_SLICE));
      this.noteWrite();
      return;
    }
    const isPlaceDue = clock.monotonicMs() - this.#placeSinceMs >= PLACE_MS || this.#isPlaceFar();
    if (this.#place !== undefined && isPlaceDue) {
      this.flush();
      return;
    }
    this.#writes = 0;
    ledger.checkpoint();
  }

  /** Writes the place that was put off. Throws LedgerError. */
  flush(): void {
    const place = this.#place;
    if (place === undefined) return;
    const { ledger } = this.#ports;
    ledger.transaction(() => ledger.store.putLogPlace(place));
    this.#place = undefined;
    this.noteWrite();
  }

  /** In steps of a slice, so that a busy log is not trimmed one by one. */
  #isTrimDue(): boolean {
    const { log } = this.#ports.ledger;
    return log.headSequence - log.oldestSequence + 1n >= BigInt(this.#changesMax + TRIM_SLICE);
  }

  /** The log was started anew, or many frames were read since. */
  #isPlaceFar(): boolean {
    const place = this.#place;
    if (place === undefined) return false;
    const written = this.#ports.ledger.store.logPlace;
    return (
      written === undefined || written.salt1 !== place.salt1 || place.frames - written.frames >= PLACE_FRAMES
    );
  }
}

function isSamePlace(left: LogPlace, right: LogPlace | undefined): boolean {
  return (
    right !== undefined &&
    left.inode === right.inode &&
    left.salt1 === right.salt1 &&
    left.salt2 === right.salt2 &&
    left.frames === right.frames
  );
}
