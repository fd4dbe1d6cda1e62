export { FileLock } from "./file-lock.ts";
export { FileLockFailedError, FileLockHeldError } from "./file-lock-error.ts";
