/** Paths baked into the wrapper; any of them may hold blanks and quotes. */
export interface WrapperPaths {
  readonly nodePath: string;
  readonly programPath: string;
  readonly socketPath: string;
  readonly cachePath: string;
}

/**
 * The shell script that stands where /usr/bin/osascript stands. `exec`, so that who kills it kills the program.
 * Node's compile cache keeps the program with its types already stripped, which halves its start (55 to 25 ms).
 */
export function wrapperScript(paths: WrapperPaths): string {
  return [
    "#!/bin/sh",
    "# Written by messages-simulator: stands where /usr/bin/osascript stands, and knows Messages only.",
    `NODE_COMPILE_CACHE=${shellQuoted(paths.cachePath)}`,
    "export NODE_COMPILE_CACHE",
    `exec ${[paths.nodePath, paths.programPath, paths.socketPath].map(shellQuoted).join(" ")} "$@"`,
    "",
  ].join("\n");
}

/** One word of sh, whatever it holds. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
