import { InformationRequested, type RunningService, runService } from "@imesh/lifecycle";
import { startTelemetry } from "@imesh/telemetry";
import { SystemClock, SystemRandom } from "@imesh/time";
import { checkAutomation } from "./check.ts";
import { PROGRAM, parseConfig } from "./config.ts";
import { startMacBridge } from "./mac-bridge.ts";

const clock = new SystemClock();

/** What osascript needs and nothing else: no secret of ours reaches it. */
const environment = Object.fromEntries(
  ["PATH", "HOME", "LANG"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

function killProcessGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // Gone by itself in the meantime, which is what we wanted.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function start(argv: readonly string[], signal: AbortSignal): Promise<RunningService> {
  const config = parseConfig(argv);
  const edge = { clock, environment, killProcessGroup };
  if (config.kind === "check") {
    const { line, failure } = await checkAutomation(config, edge, signal);
    if (failure === null) throw new InformationRequested(line);
    process.stdout.write(`${line}\n`);
    throw failure;
  }
  await using resources = new AsyncDisposableStack();
  const telemetry = resources.use(
    await startTelemetry({
      serviceName: PROGRAM.name,
      serviceVersion: PROGRAM.version,
      metrics: config.metrics,
      otlpEndpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT || null,
      logLevel: config.logLevel,
      logDestination: "stdout",
      clock,
    }),
  );
  const random = new SystemRandom();
  const bridge = await startMacBridge(config, { ...edge, random, telemetry, pid: process.pid });
  resources.use(bridge);
  const owned = resources.move();
  return { log: telemetry.logger, ended: bridge.ended, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

await runService({ name: PROGRAM.name, argv: process.argv.slice(2), start });
