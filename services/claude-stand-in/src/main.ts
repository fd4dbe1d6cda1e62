import { runService } from "@imesh/lifecycle";
import { SystemClock } from "@imesh/time";
import { startClaudeStandIn } from "./claude-stand-in.ts";
import { parseConfig } from "./config.ts";

await runService({
  name: "claude-stand-in",
  argv: process.argv.slice(2),
  start: (argv) => startClaudeStandIn(parseConfig(argv), { clock: new SystemClock(), pid: process.pid }),
});
