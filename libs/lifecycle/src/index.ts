export { type Address, formatAddress, isLoopback, parseAddress, UNIX_PATH_BYTES_MAX } from "./address.ts";
export { type ErrorFields, errorFields } from "./error-fields.ts";
export { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
export { flagRefused } from "./flag-refused.ts";
export type {
  AddressFlag,
  BooleanFlag,
  ChoiceFlag,
  CommandSpec,
  Flag,
  Flags,
  FlagValue,
  FlagValues,
  IntegerFlag,
  StringFlag,
} from "./flags.ts";
export { flagLines } from "./help-text.ts";
export { InformationRequested } from "./information-requested.ts";
export { linkSignals } from "./link-signals.ts";
export type { LogFields, Logger, LogLevel } from "./logger.ts";
export {
  LOOP_BACKOFF,
  Loop,
  type LoopFailure,
  type LoopOptions,
  type LoopPorts,
  UnrecoverableError,
} from "./loop.ts";
export { parseMetricsFlag } from "./metrics-flag.ts";
export { parseFlags } from "./parse-flags.ts";
export { PrivateDirectoryError, type PrivateDirectoryFault, privateDirectory } from "./private-directory.ts";
export { type RunningService, runService, type ServiceRun, STOP_DEADLINE_MS } from "./run-service.ts";
export { type ServiceLaunch, serviceLaunch } from "./service-launch.ts";
export { StartupError, type StartupFailure } from "./startup-error.ts";
export { readStatusFile, type ServiceStatus, StatusFile } from "./status-file.ts";
export { VERSION } from "./version.ts";
