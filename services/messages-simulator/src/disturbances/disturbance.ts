/** What can happen to a database that stays; the words of imesh.simulator.v1.DisturbanceKind, where they are explained. */
export const DISTURBANCES = [
  "checkpoint-passive",
  "checkpoint-full",
  "checkpoint-restart",
  "checkpoint-truncate",
  "reopen-persist",
  "reopen-clean",
  "writer-killed",
  "schema-upgrade",
  "reorder-columns",
] as const;

/** What puts another file at the path. */
export const REPLACEMENTS = ["restore-copy", "replace-empty", "delete-recreate"] as const;

/** What can happen to the database. */
export type DisturbanceKind = (typeof DISTURBANCES)[number] | (typeof REPLACEMENTS)[number];

/** One disturbance, as asked for. */
export interface DisturbanceOrder {
  readonly kind: DisturbanceKind;
  /** Rows of the transaction of a writer that is killed; at least 1. */
  readonly rows: number;
  /** Of everything left to chance. */
  readonly seed: bigint;
}

/** It cannot be done now: somebody holds what it needs. The database is whole; the same may work a moment later. */
export class DisturbanceRefusedError extends Error {
  override readonly name = "DisturbanceRefusedError";
  readonly kind: DisturbanceKind;

  constructor(kind: DisturbanceKind, bound: string, cause?: unknown) {
    super(`Cannot disturb database: ${kind} (${bound})`, { cause });
    this.kind = kind;
  }
}
