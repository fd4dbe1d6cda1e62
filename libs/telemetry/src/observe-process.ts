import type { Clock } from "@imesh/time";
import type { Metrics } from "./metrics.ts";

const NS_PER_SECOND = 1e9;
const US_PER_SECOND = 1e6;

/** Feeds the metrics that every process has, at each scrape; no timer runs between scrapes. Disposing ends it. */
export function observeProcess(metrics: Metrics, clock: Clock): Disposable {
  metrics.processStartTime.set(Number(clock.wallUnixNs()) / NS_PER_SECOND - process.uptime());
  let utilization = performance.eventLoopUtilization();
  using observing = new DisposableStack();
  observing.use(metrics.processResidentMemory.observe(() => process.memoryUsage.rss()));
  observing.use(metrics.heapUsed.observe(() => process.memoryUsage().heapUsed));
  observing.use(
    metrics.processCpu.observe(() => {
      const { user, system } = process.cpuUsage();
      return (user + system) / US_PER_SECOND;
    }),
  );
  observing.use(
    metrics.eventLoopUtilization.observe(() => {
      const now = performance.eventLoopUtilization();
      const since = performance.eventLoopUtilization(now, utilization);
      utilization = now;
      return since.utilization;
    }),
  );
  return observing.move();
}
