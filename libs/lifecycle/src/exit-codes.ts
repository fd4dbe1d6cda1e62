/**
 * Exit codes of every imesh process: sysexits where one fits, so that launchd, systemd and scripts can tell "try again"
 * (69, 75) from "a person must act" (64, 65, 66, 73, 77, 78) from "file a bug" (70).
 */
export const EXIT_CODES = {
  /** Ended because it was told to. */
  ok: 0,
  /** The world surprised us in a way nobody named. */
  unexpected: 1,
  /** The command line is wrong. */
  usage: 64,
  /** The input is there and is not what it should be: a body that cannot be decoded. No service ends with it. */
  dataError: 65,
  /** The input does not exist: no chat.db. */
  noInput: 66,
  /** A peer is not there. */
  unavailable: 69,
  /** Our bug: a broken assertion. */
  internal: 70,
  /** A file or directory cannot be made. */
  cannotCreate: 73,
  /** What it has to say cannot be written: standard output is full or gone. No service ends with it. */
  outputLost: 74,
  /** Passing trouble: already running, port or socket taken. */
  temporary: 75,
  /** No permission: Full Disk Access, Automation, a directory of somebody else's. */
  noPermission: 77,
  /** Configuration or schema that cannot work. */
  configuration: 78,
} as const;

/** One of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
