import { setLogger } from "@grpc/grpc-js";

/** What grpc-js logs goes to stderr, as by default. */
const toStderr = logger((line) => {
  // biome-ignore lint/suspicious/noConsole: this is where grpc-js writes by itself (GRPC_TRACE, GRPC_VERBOSITY)
  console.error(...line);
});

const errorsDropped = { ...toStderr, error: () => {} };

/**
 * Runs `task` while grpc-js keeps its errors to itself: it prints a line for a failed bind beside the error that it
 * returns, and a user should read of it once, in our words. Its trace output goes on.
 */
export async function withoutGrpcErrors<Result>(task: () => Promise<Result>): Promise<Result> {
  setLogger(errorsDropped);
  try {
    return await task();
  } finally {
    setLogger(toStderr);
  }
}

function logger(write: (line: unknown[]) => void): Pick<Console, "debug" | "info" | "error"> {
  return {
    debug: (...line: unknown[]) => write(["D", ...line]),
    info: (...line: unknown[]) => write(["I", ...line]),
    error: (...line: unknown[]) => write(["E", ...line]),
  };
}
