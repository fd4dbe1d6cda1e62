import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { silentTelemetry } from "./silent-telemetry.ts";
import { startSpan } from "./span.ts";

test("silentTelemetry() does nothing, remembers metrics, and any number of them live side by side", async () => {
  await using left = silentTelemetry();
  await using right = silentTelemetry();
  left.logger.fatal({ event: "unheard" });
  left.metrics.brokerPendingRows.set(3);
  deepEqual(
    [left.recorded.value("brokerPendingRows"), right.recorded.value("brokerPendingRows")],
    [3, undefined],
  );
  using span = startSpan(left.tracer, "process event");
  equal(span.traceparent, undefined);
  equal(
    span.run(() => 5),
    5,
  );
  left.meter.createCounter("anything").add(1);
  equal(left.metricsUrl, null);
});
