import { assert } from "@imesh/flow";
import type { Clock } from "@imesh/time";
import {
  FRAME_HEADER_BYTES,
  nextFrames,
  WalFormatError,
  type WalFrame,
  type WalHeader,
  type WalPosition,
  walStart,
} from "@imesh/wal";
import type { LogPlace } from "./candidates.ts";
import {
  BAD_HEADER_LOOKS_MAX,
  FIRST_FRAMES,
  REREAD_FRAMES_MAX,
  STALLED_LOOKS_MIN,
  WARM_FRAMES,
} from "./log-bounds.ts";
import { LogEnd } from "./log-end.ts";
import { type LogFile, LogFileError } from "./log-file.ts";
import { isSuccessor, placeOf, positionOf, successorOf } from "./log-generations.ts";
import type { LogListener } from "./log-listener.ts";
import { isEqual, LogWindow } from "./log-window.ts";
import { TransactionPages } from "./transaction-pages.ts";

/**
 * Follows a log from transaction to transaction: across resets (what is left of the old generation first), truncation,
 * removal and torn ends. It knows nothing of what pages hold.
 *
 *     place ─▶ frames of a transaction (tentative) ─▶ its commit frame: taken, the place moves on
 *                        └─ the log ends before it: none of it counts, all of it is read again
 */
export class LogReader {
  readonly #file: LogFile;
  readonly #window: LogWindow;
  readonly #listener: LogListener;
  readonly #end: LogEnd;
  readonly #transaction = new TransactionPages();
  /** After the last whole transaction; undefined without a log. */
  #position: WalPosition | undefined;
  /** After the frames that were read; `#position` or beyond it. */
  #reached: WalPosition | undefined;
  readonly #firstHeader = new Uint8Array(FRAME_HEADER_BYTES);
  /** The last transaction, as long as it may be written over: where it began, and with which frame header. */
  #last: { readonly before: WalPosition; readonly firstHeader: Uint8Array } | undefined;
  #isInLeftovers = false;
  /** There is no log, or an empty one: what comes is complete only when its first generation is met. */
  #isAbsent = false;
  /** When the empty log was last written: it may be filled and cut off again between two looks. */
  #emptySinceNs: bigint | undefined;
  /** First salt of the last generation that was known. */
  #lastSalt1: number | undefined;
  /** Up to here frames were taken before; undefined once it is passed. */
  #known: WalPosition | undefined;
  #stalledLooks = 0;
  #badHeaderLooks = 0;
  #resets = 0;

  constructor(file: LogFile, listener: LogListener, clock: Pick<Clock, "monotonicMs">) {
    this.#file = file;
    this.#end = new LogEnd(file, clock);
    this.#window = new LogWindow(file);
    this.#listener = listener;
  }

  /** After the last whole transaction. */
  get place(): LogPlace | undefined {
    return placeOf(this.#position, this.#file.inode);
  }

  /** Before the last whole transaction while it may be written over, else after it. */
  get settledPlace(): LogPlace | undefined {
    return placeOf(this.#last?.before ?? this.#position, this.#file.inode);
  }

  get resets(): number {
    return this.#resets;
  }

  /** Opens the log and goes on at `place`; where that is impossible, tells of it and starts at the generation's first frame. */
  begin(place: LogPlace | undefined): void {
    this.#clear();
    this.#open();
    this.#lastSalt1 = place?.salt1;
    const header = this.#isAbsent ? undefined : this.#tryHeader();
    if (header === undefined || place === undefined || place.inode !== this.#file.inode) {
      this.#listener.onMissed("start");
      return;
    }
    const position = positionOf(place, header);
    const isSame = header.salt1 === position.salt1 && header.salt2 === position.salt2;
    if ((!isSame && !isSuccessor(header, position)) || !this.#window.isIntact(position)) {
      this.#listener.onMissed("start");
      return;
    }
    this.#window.look();
    this.#window.knowHeader();
    if (isSame) this.#warm(position, header);
    else this.#readLeftovers(position);
  }

  /** Another database took the path: starts over with its log. */
  replaced(): void {
    this.#clear();
    this.#listener.onMissed("replaced");
    this.#open();
  }

  /** Opens the log anew and goes on where it was: what is there by now is compared with what was known, as at every look. */
  reopen(): void {
    this.#dropTentative();
    if (!this.#file.open() && this.#position === undefined) this.#isAbsent = true;
  }

  /** True when the path leads to another log than the open one. One stat(2). */
  isMoved(): boolean {
    return this.#file.inodeAtPath() !== this.#file.inode;
  }

  /**
   * Goes over to the log at the path, or to none; the open one is to be read to its end before. There may have been others in
   * between, so something may have been missed.
   */
  follow(): void {
    this.#clear();
    this.#listener.onMissed("reset");
    this.#open();
  }

  /**
   * The last transaction can be seen by readers, so it will not be written over from now on; false when it was before that, and is
   * none: then it is gone back behind it. One small read.
   */
  confirm(): boolean {
    if (this.#isLastWrittenOver()) return false;
    this.#last = undefined;
    return true;
  }

  /** True when there is something to read. Two small reads, one more for a last transaction that is not confirmed. */
  hasNews(): boolean {
    if (this.#isInLeftovers) return true;
    this.#end.look();
    if (this.#file.inode === undefined && !this.#openLate()) return false;
    switch (this.#window.look()) {
      case "empty":
        return this.#onEmpty();
      case "other":
        if (!this.#onOtherHeader()) return false;
        break;
      case "same":
        break;
    }
    if (this.#isInLeftovers) return true;
    if (this.#isHeldStale() || this.#isLastWrittenOver()) return true;
    if (this.#reached === undefined) return false;
    const hasFrame = this.#window.hasFrameAt(this.#reached);
    if (!hasFrame && this.#reached === this.#position) this.#end.reached();
    return hasFrame;
  }

  /** Reads at most `framesMax` frames; true when there may be more. Call it when {@link hasNews}. */
  read(framesMax: number): boolean {
    let budget = framesMax;
    let wanted = FIRST_FRAMES;
    while (budget > 0) {
      const from = this.#reached;
      if (from === undefined) return false;
      this.#transaction.own();
      const chunk = this.#window.chunkAt(from, Math.min(budget, wanted));
      const { frames, stop } = nextFrames(from, chunk.bytes, budget);
      for (const frame of frames) if (!this.#take(frame, chunk.bytes)) return false;
      budget -= frames.length;
      wanted = Number.POSITIVE_INFINITY;
      if (frames.length > 0) this.#stalledLooks = 0;
      if (stop === "limit") return true;
      if (stop === "bytes-exhausted" && chunk.isFull) continue;
      if (!this.#isInLeftovers) {
        this.#onEnd(stop === "bad-checksum");
        return false;
      }
      this.#endLeftovers();
    }
    return true;
  }

  #take(frame: WalFrame, chunk: Uint8Array): boolean {
    const position = this.#position;
    assert(position !== undefined, "frames are read from a place");
    if (this.#reached === position) {
      const start = frame.page.byteOffset - chunk.byteOffset - FRAME_HEADER_BYTES;
      this.#firstHeader.set(chunk.subarray(start, start + FRAME_HEADER_BYTES));
    }
    this.#transaction.add(frame.pageNumber, frame.page);
    this.#reached = frame.position;
    if (frame.databasePages === 0) return true;
    const isKnown = this.#known !== undefined && frame.position.frames <= this.#known.frames;
    const isTaken = this.#listener.onTransaction({
      pages: this.#transaction.pages,
      databasePages: frame.databasePages,
      isTooLarge: this.#transaction.isTooLarge,
      isKnown,
      isSuperseded: this.#isInLeftovers,
    });
    this.#transaction.clear();
    if (!isTaken) {
      this.#reached = position;
      return false;
    }
    this.#position = frame.position;
    if (frame.position.frames === this.#known?.frames) this.#known = undefined;
    this.#last = isKnown ? undefined : { before: position, firstHeader: this.#firstHeader.slice() };
    return true;
  }

  /** No more whole frames: what was read since the last commit is not a transaction, or not yet. */
  #onEnd(isTorn: boolean): void {
    const position = this.#position;
    const reached = this.#reached;
    if (position === undefined || reached === undefined) return;
    if (this.#known !== undefined) {
      // The frames before the place do not lead to it, though the last of them is there; it is what counts.
      this.#startAt(this.#known);
      return;
    }
    const tentative = reached.frames - position.frames;
    if (tentative === 0) {
      if (isTorn && !this.#window.isIntact(position)) this.#rewind();
      else if (!isTorn) this.#end.reached();
      return;
    }
    // A frame that is being written looks like a torn one; what tells them apart is whether those before it are still there.
    if (tentative <= REREAD_FRAMES_MAX || (isTorn && !this.#window.isIntact(reached))) this.#dropTentative();
  }

  #dropTentative(): void {
    this.#reached = this.#position;
    this.#transaction.clear();
    this.#stalledLooks = 0;
  }

  /** A long transaction without its end: true when its start was written over, and now and then when it does not grow. */
  #isHeldStale(): boolean {
    const position = this.#position;
    if (position === undefined || this.#reached === position) return false;
    this.#stalledLooks += 1;
    const isDue =
      this.#stalledLooks >= STALLED_LOOKS_MIN && (this.#stalledLooks & (this.#stalledLooks - 1)) === 0;
    if (!isDue && isEqual(this.#window.frameHeaderAt(position), this.#firstHeader)) return false;
    const looks = this.#stalledLooks;
    this.#dropTentative();
    if (isDue) this.#stalledLooks = looks;
    return true;
  }

  /** Only until the last transaction is confirmed: a writer that died before it showed it leaves it to be written over. */
  #isLastWrittenOver(): boolean {
    const last = this.#last;
    if (last === undefined || isEqual(this.#window.frameHeaderAt(last.before), last.firstHeader))
      return false;
    this.#rewind();
    return true;
  }

  /** Back to before the last transaction; when even that is gone, to the generation's start, which misses nothing either. */
  #rewind(): void {
    const before = this.#last?.before;
    const isKept = before !== undefined && this.#window.isIntact(before);
    this.#startAt(isKept ? before : walStart(this.#window.parseKnownHeader()));
    this.#listener.onRewound();
  }

  #onEmpty(): boolean {
    const writtenNs = this.#file.openModifiedNs();
    const hasNews = this.#position !== undefined || (this.#isAbsent && writtenNs !== this.#emptySinceNs);
    if (!hasNews) return false;
    // Cut off in place, and with it what was written since the last look, if anything was.
    this.#clear();
    this.#isAbsent = true;
    this.#emptySinceNs = writtenNs;
    this.#listener.onMissed("reset");
    return true;
  }

  /** The first generation of a log has no checkpoint before it; of one that was cut off, the successor of what was there. */
  #isFirst(header: WalHeader): boolean {
    return header.checkpointSequence === 0 || header.salt1 === successorOf(this.#lastSalt1);
  }

  /** True when a generation is there to be read. */
  #onOtherHeader(): boolean {
    const header = this.#tryHeader();
    if (header === undefined) return false;
    this.#window.knowHeader();
    const position = this.#position;
    if (position === undefined) {
      if (this.#isAbsent && !this.#isFirst(header)) this.#listener.onMissed("reset");
      this.#isAbsent = false;
      this.#startAt(walStart(header));
      return true;
    }
    this.#resets += 1;
    const isNext = isSuccessor(header, position);
    if (isNext && this.#window.isIntact(position)) {
      this.#readLeftovers(position);
    } else {
      this.#onLost(isNext && this.#end.isCutOff(position));
      this.#startAt(walStart(header));
    }
    return true;
  }

  /** Reads what the former generation left behind the place, before the known header's. */
  #readLeftovers(position: WalPosition): void {
    this.#startAt(position);
    this.#isInLeftovers = true;
  }

  /** The former generation has no more; were its frames still whole while they were read? */
  #endLeftovers(): void {
    const position = this.#position;
    assert(position !== undefined, "leftovers are read from a place");
    const isWhole = this.#window.isIntact(position);
    const isSame = this.#window.look() === "same";
    this.#isInLeftovers = false;
    const isCutOff = isWhole && isSame && this.#end.isCutOff(position);
    if (isCutOff || !isWhole || !isSame) this.#onLost(isCutOff);
    // Another header than the known one is met at the next look, which starts with it.
    if (isSame) this.#startAt(walStart(this.#window.parseKnownHeader()));
    else this.#clear();
  }

  /** Of the former generation something may be missing: because its end was cut off, or as it was written over. */
  #onLost(isCutOff: boolean): void {
    if (isCutOff && this.#end.wasRead()) this.#listener.onCut();
    else this.#listener.onMissed("reset");
  }

  /** Reads frames that were taken before up to `position`, for what their pages hold, then goes on. */
  #warm(position: WalPosition, header: WalHeader): void {
    this.#startAt(position);
    const frames = Math.max(0, position.frames - WARM_FRAMES);
    const start = frames === 0 ? walStart(header) : this.#window.positionAt(frames, position);
    if (start === undefined || position.frames === 0) return;
    this.#startAt(start);
    this.#known = position;
  }

  #open(): void {
    const isOpen = this.#file.open();
    // Asked before the look: what is written in between counts as written after.
    this.#emptySinceNs = isOpen ? this.#file.openModifiedNs() : undefined;
    this.#isAbsent = !isOpen || this.#window.look() === "empty";
  }

  /** There was no log until now. */
  #openLate(): boolean {
    if (!this.#file.open()) return false;
    this.#emptySinceNs = this.#file.openModifiedNs();
    return true;
  }

  #startAt(position: WalPosition): void {
    this.#transaction.clear();
    this.#position = position;
    this.#reached = position;
    this.#last = undefined;
    this.#isInLeftovers = false;
    this.#known = undefined;
    this.#stalledLooks = 0;
  }

  #clear(): void {
    this.#transaction.clear();
    this.#lastSalt1 = this.#position?.salt1 ?? this.#lastSalt1;
    this.#window.forgetHeader();
    this.#position = undefined;
    this.#reached = undefined;
    this.#last = undefined;
    this.#isInLeftovers = false;
    this.#isAbsent = false;
    this.#known = undefined;
    this.#badHeaderLooks = 0;
  }

  /** Undefined while the header is being written; that takes no time, so a header that stays like that is a fault. */
  #tryHeader(): WalHeader | undefined {
    try {
      const header = this.#window.parseHeader();
      this.#badHeaderLooks = 0;
      return header;
    } catch (error) {
      if (!(error instanceof WalFormatError)) throw error;
      this.#badHeaderLooks += 1;
      if (this.#badHeaderLooks <= BAD_HEADER_LOOKS_MAX) return undefined;
      throw new LogFileError({ code: "not-a-log", path: this.#file.path, detail: error.code, cause: error });
    }
  }
}
