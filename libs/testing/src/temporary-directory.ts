import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of the test's own, mode 0700, removed with all it holds when disposed. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Absolute and short, so that a Unix socket in it stays under the 103 bytes that macOS allows. */
  readonly path: string;
  /** Absolute path of `name` inside it. */
  file(name: string): string;
}

/** Makes one; hold it with `await using`. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), "imesh-"));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
