import { InformationRequested, type RunningService, runService, VERSION } from "@imesh/lifecycle";
import { startTelemetry } from "@imesh/telemetry";
import { SystemClock, SystemRandom } from "@imesh/time";
import { checkChatDb } from "./check.ts";
import { parseConfig } from "./config.ts";
import { startLockBroker } from "./lock-broker.ts";

async function start(argv: readonly string[]): Promise<RunningService> {
  const config = parseConfig(argv);
  const clock = new SystemClock();
  if (config.isCheck) {
    const { line, failure } = checkChatDb(config.databasePath, clock);
    if (failure === undefined) throw new InformationRequested(line);
    process.stdout.write(`${line}\n`);
    throw failure;
  }
  await using resources = new AsyncDisposableStack();
  const telemetry = resources.use(
    await startTelemetry({
      serviceName: "lock-broker",
      serviceVersion: VERSION,
      metrics: config.metrics,
      otlpEndpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
      logLevel: config.logLevel,
      logDestination: "stdout",
    }),
  );
  const broker = resources.use(
    await startLockBroker(config, {
      clock,
      random: new SystemRandom(),
      telemetry,
      process: { pid: process.pid, platform: process.platform },
    }),
  );
  const owned = resources.move();
  return {
    log: telemetry.logger,
    ended: broker.ended,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

await runService({ name: "lock-broker", argv: process.argv.slice(2), start });
