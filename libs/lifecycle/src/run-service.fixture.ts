// A process for run-service.test.ts: runService with a service whose behaviour is the first argument.
import { AssertionError, unreachable } from "@imesh/flow";
import { DELAY_MS_MAX, SystemClock } from "@imesh/time";
import { EXIT_CODES } from "./exit-codes.ts";
import { InformationRequested } from "./information-requested.ts";
import { type RunningService, runService } from "./run-service.ts";
import { StartupError } from "./startup-error.ts";
import { writeNow } from "./stderr-log.ts";

/** What the service does. */
export type Behaviour =
  | "serve"
  | "startup-error"
  | "startup-error-multiline"
  | "crash-in-start"
  | "assertion-in-start"
  | "help"
  | "unhandled-rejection"
  | "unhandled-assertion"
  | "ended-with-startup-error"
  | "ended-by-itself"
  | "start-until-signal"
  | "stubborn-dispose"
  | "failing-dispose"
  | "leak";

async function start(argv: readonly string[], signal: AbortSignal): Promise<RunningService> {
  const behaviour = argv[0] as Behaviour;
  const alive = new SystemClock().setTimer(DELAY_MS_MAX, () => {});
  const service = {
    [Symbol.asyncDispose]: async () => {
      if (behaviour !== "leak") alive.cancel();
      writeNow(1, "disposed\n");
    },
  };
  const refusal = new StartupError({
    exitCode: EXIT_CODES.noPermission,
    message: 'Cannot open chat.db: "/x/chat.db" (no permission)',
    hint: "Grant Full Disk Access to this program",
  });
  switch (behaviour) {
    case "serve":
    case "leak":
      writeNow(1, "started\n");
      return service;
    case "startup-error":
      alive.cancel();
      throw refusal;
    case "startup-error-multiline":
      alive.cancel();
      throw new StartupError({ exitCode: EXIT_CODES.temporary, message: "Cannot listen:\n  port taken" });
    case "crash-in-start":
      alive.cancel();
      throw new Error("surprise");
    case "assertion-in-start":
      alive.cancel();
      throw new AssertionError("sequence gap");
    case "help":
      alive.cancel();
      throw new InformationRequested("Usage: …");
    case "unhandled-rejection":
      void Promise.reject(new Error("nobody listened"));
      return service;
    case "unhandled-assertion":
      setImmediate(() => {
        throw new AssertionError("sequence gap");
      });
      return service;
    case "ended-with-startup-error":
      return { ...service, ended: Promise.reject(refusal) };
    case "ended-by-itself":
      return { ...service, ended: Promise.resolve() };
    case "start-until-signal":
      writeNow(1, "started\n");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      alive.cancel();
      throw signal.reason;
    case "stubborn-dispose":
      writeNow(1, "started\n");
      return { [Symbol.asyncDispose]: () => new Promise(() => {}) };
    case "failing-dispose":
      writeNow(1, "started\n");
      return {
        [Symbol.asyncDispose]: () => {
          alive.cancel();
          return Promise.reject(new Error("cannot close"));
        },
      };
    default:
      return unreachable(behaviour);
  }
}

await runService({ name: "fixture", argv: process.argv.slice(2), start });
