import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { shellQuoted, wrapperScript } from "./wrapper-script.ts";

test("wrapperScript() hands paths and arguments on as they are", () => {
  const hostile = 'it\'s "a" $HOME `id` \\ path';
  const script = wrapperScript({
    nodePath: "printf",
    programPath: "%s\\n",
    socketPath: hostile,
    cachePath: hostile,
  });
  const output = execFileSync("/bin/sh", ["-c", script, "osascript", "-e", "two words", "", "$(id)"], {
    encoding: "utf8",
  });
  assert.equal(output, `${[hostile, "-e", "two words", "", "$(id)"].join("\n")}\n`);
});

test("shellQuoted() makes one word of anything", () => {
  for (const text of ["", "'", "''", "a'b", "-n", "line\nline", "*"]) {
    const output = execFileSync("/bin/sh", ["-c", `printf %s ${shellQuoted(text)}`], { encoding: "utf8" });
    assert.equal(output, text);
  }
});
