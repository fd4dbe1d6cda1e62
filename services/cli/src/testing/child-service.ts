import { appendFileSync } from "node:fs";
import { EXIT_CODES, runService, StartupError } from "@imesh/lifecycle";

/**
 * A service for the supervisor's tests: writes its comings and goings to a file (argument 1: name, 2: file,
 * 3: behaviour). "fine" serves until told to end, "crash" ends soon after its start, "refuse" ends with 77
 * and two lines, "deaf" ignores SIGTERM, "idle" runs and never says that it serves.
 */
const [name = "", journal = "", behaviour = "fine"] = process.argv.slice(2);

function say(what: string): void {
  appendFileSync(journal, `${name} ${what} ${process.pid}\n`);
}

if (behaviour === "deaf") {
  process.on("SIGTERM", () => say("ignored"));
  say("up");
  process.stdin.resume();
} else {
  await runService({
    name,
    argv: [],
    start: async () => {
      if (behaviour === "refuse") {
        throw new StartupError({
          exitCode: EXIT_CODES.noPermission,
          message: "Cannot open the door",
          hint: "Bring the key",
        });
      }
      if (behaviour === "crash") process.abort();
      if (behaviour !== "idle") say("up");
      // A service has something that keeps it alive; here a server would stand.
      const keeper = setInterval(() => {}, 1_000);
      return {
        async [Symbol.asyncDispose](): Promise<void> {
          clearInterval(keeper);
          say("down");
        },
      };
    },
  });
}
