import { runService, VERSION } from "@imesh/lifecycle";
import { startTelemetry } from "@imesh/telemetry";
import { SystemClock, SystemRandom } from "@imesh/time";
import { parseConfig } from "./config.ts";
import { startMessagesSimulator } from "./messages-simulator.ts";

await runService({
  name: "messages-simulator",
  argv: process.argv.slice(2),
  start: async (argv) => {
    const config = parseConfig(argv);
    const clock = new SystemClock();
    const telemetry = await startTelemetry({
      serviceName: "messages-simulator",
      serviceVersion: VERSION,
      metrics: config.metrics,
      otlpEndpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
      logLevel: config.logLevel,
      logDestination: "stdout",
      clock,
    });
    return await startMessagesSimulator(config, {
      clock,
      random: new SystemRandom(),
      telemetry,
      pid: process.pid,
      nodePath: process.execPath,
    });
  },
});
