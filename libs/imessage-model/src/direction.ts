/** "own": written by this account on any of its devices; such a row never starts a turn (I11). */
export type Direction = "incoming" | "own";
