import { runService, VERSION } from "@imesh/lifecycle";
import { startTelemetry } from "@imesh/telemetry";
import { SystemClock, SystemRandom } from "@imesh/time";
import { startAgent } from "./agent.ts";
import { parseConfig } from "./config.ts";

await runService({
  name: "agent",
  argv: process.argv.slice(2),
  start: async (argv) => {
    const config = parseConfig(argv, process.env);
    const clock = new SystemClock();
    await using resources = new AsyncDisposableStack();
    const telemetry = resources.use(
      await startTelemetry({
        serviceName: "agent",
        serviceVersion: VERSION,
        metrics: config.metrics,
        otlpEndpoint: config.otlpEndpoint,
        logLevel: config.logLevel,
        logDestination: "stdout",
        clock,
      }),
    );
    const deps = { telemetry, clock, random: new SystemRandom(), pid: process.pid };
    const agent = resources.use(await startAgent(config, deps));
    const owned = resources.move();
    return { log: agent.log, ended: agent.ended, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
});
