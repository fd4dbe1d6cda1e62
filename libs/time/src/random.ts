import { randomUUID } from "node:crypto";

/** The door through which chance enters (port). Tests pass a SeededRandom. */
export interface Random {
  /** A number in [0, 1). For jitter and sampling, not for secrets. Never throws. */
  next(): number;
  /** A fresh UUID of version 4, lower case with hyphens. Never throws. */
  uuid(): string;
}

/** The system's chance; UUIDs come from its cryptographic source. */
export class SystemRandom implements Random {
  next(): number {
    return Math.random();
  }

  uuid(): string {
    return randomUUID();
  }
}
