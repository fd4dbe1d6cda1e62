import assert from "node:assert/strict";
import { test } from "node:test";
import { callerDirectory } from "./caller-directory.ts";

test("callerDirectory() is where npm was called for what npm runs, and the present directory for everything else", () => {
  const npm = { INIT_CWD: "/project/notes", npm_package_json: "/project/package.json" };
  const cases = [
    [npm, "/project", "/project/notes"],
    // A program of the script went elsewhere before it called us.
    [npm, "/tmp", "/tmp"],
    [{ INIT_CWD: "/elsewhere" }, "/project", "/project"],
    [{}, "/project", "/project"],
  ] as const;
  for (const [variables, workingDirectory, expected] of cases) {
    assert.equal(callerDirectory({ variables, workingDirectory }), expected);
  }
});
