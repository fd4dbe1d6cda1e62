export { FakeClock, type FakeClockOptions } from "./fake-clock.ts";
export { SeededRandom } from "./seeded-random.ts";
export { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";
export { type WaitOptions, waitFor } from "./wait-for.ts";
