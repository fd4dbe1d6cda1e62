import { dataLoss, type RpcError, unavailable } from "@imesh/rpc";
import { JournalError } from "../journal/journal-error.ts";

/** A disk that is full or busy rarely is so for less. */
const RETRY_DELAY_MS = 1_000;

/** Runs `work` and turns a JournalError into what callers are told; any other error stays as it is. */
export function translated<T>(work: () => T): T {
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(rethrow) as T) : result;
  } catch (error) {
    return rethrow(error);
  }
}

function rethrow(error: unknown): never {
  throw error instanceof JournalError ? journalUnavailable(error) : error;
}

/** Nothing was written, so the same request may be sent again; a damaged journal needs a person first. */
function journalUnavailable(cause: JournalError): RpcError {
  const facts = {
    reason: "JOURNAL_UNAVAILABLE",
    message: `Cannot use the journal: (${cause.code})`,
    metadata: { code: cause.code },
    cause,
  };
  return cause.code === "corrupt" ? dataLoss(facts) : unavailable({ ...facts, retryDelayMs: RETRY_DELAY_MS });
}
