/**
 * I12: every journal ever written opens and replays. A folder for each version holds a journal as that version's
 * mac-bridge left it, and what a subscriber read from it then. Never changed, only added to.
 */
import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryDirectory, waitFor } from "@imesh/testing";
import { Child } from "../fleet/child.ts";
import { Recorder } from "../fleet/recorder.ts";
import { eventLine } from "../scenario/event-line.ts";

const folder = join(import.meta.dirname, "journal");

for (const version of readdirSync(folder)) {
  test(`a journal of ${version} opens and replays`, async () => {
    const expected = readFileSync(join(folder, version, "expected.txt"), "utf8").trimEnd().split("\n");
    await using directory = await temporaryDirectory();
    const path = (name: string): string => join(directory.path, name);
    copyFileSync(join(folder, version, "journal.db"), path("journal.db"));
    const bridge = new Child({
      name: "mac-bridge",
      // No broker is there: what was journaled is served all the same.
      flags: [
        ...["--journal", path("journal.db"), "--broker", `unix:${path("nobody.sock")}`],
        ...["--socket", path("mac-bridge.sock"), "--metrics", "off"],
      ],
      statusFile: path("status.json"),
      cachePath: path("cache"),
      startDeadlineMs: 15_000,
    });
    await bridge.start();
    try {
      await using recorder = new Recorder(path("mac-bridge.sock"));
      await waitFor(() => recorder.events.length >= expected.length, { deadlineMs: 15_000, what: "every event" });
      assert.deepEqual(recorder.events.map(eventLine), expected);
    } finally {
      await bridge.stop();
    }
  });
}
