import type { TurnRecord } from "../store/turn-table.ts";

/** Tells whoever listens how turns change. Synchronous, so that listeners see each change in order and none twice. */
export class TurnFeed {
  readonly #listeners = new Set<(turn: TurnRecord) => void>();

  /** A turn as it now stands; called after the change is on disk. */
  publish(turn: TurnRecord): void {
    for (const listener of [...this.#listeners]) listener(turn);
  }

  /** Calls `listener` at each change until disposed. It must not throw. */
  listen(listener: (turn: TurnRecord) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }
}
