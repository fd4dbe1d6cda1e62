import { type Address, EXIT_CODES, formatAddress, StartupError } from "@imesh/lifecycle";

/**
 * Somebody else listens there: most often a second copy of the same service. Exit code 75: it may pass. The
 * answer to a live socket is never to take it away.
 */
export class AddressInUseError extends StartupError {
  override readonly name = "AddressInUseError";
  readonly address: Address;

  constructor(address: Address, cause?: unknown) {
    super({
      exitCode: EXIT_CODES.temporary,
      message: `Cannot listen on address: ${formatAddress(address)} (in use)`,
      hint: "Stop the process that listens there, or choose another address",
      cause,
    });
    this.address = address;
  }
}

/** Why an address cannot be listened on at all. */
export type ListenFault =
  /** Not 127.0.0.0/8 or ::1, by literal: calls are neither encrypted nor authenticated here. */
  | "not-loopback"
  /** Longer than a Unix socket's path may be everywhere, or not absolute. */
  | "bad-socket-path"
  /** Something that is no socket lies where the socket should be; it is left alone. */
  | "not-a-socket"
  /** The operating system refuses, see `cause`. */
  | "refused";

const EXIT_CODE_OF_FAULT = {
  "not-loopback": EXIT_CODES.configuration,
  "bad-socket-path": EXIT_CODES.configuration,
  "not-a-socket": EXIT_CODES.cannotCreate,
  refused: EXIT_CODES.cannotCreate,
} as const;

/** The address cannot be listened on; a person must choose another or clear the way. */
export class ListenError extends StartupError {
  override readonly name = "ListenError";
  readonly code: ListenFault;
  readonly address: Address;

  constructor(code: ListenFault, address: Address, detail: string, cause?: unknown) {
    super({
      exitCode: EXIT_CODE_OF_FAULT[code],
      message: `Cannot listen on address: ${formatAddress(address)} (${detail})`,
      cause,
    });
    this.code = code;
    this.address = address;
  }
}
