import { dirname } from "node:path";
import type { Environment } from "./environment.ts";

/**
 * The directory that a relative path on the command line means: where the command was typed. npm runs a script in the
 * directory of its package.json and tells in INIT_CWD where it was called; a program that a script's program starts inherits
 * the word but not the directory, so it counts only there.
 */
export function callerDirectory({
  variables,
  workingDirectory,
}: Pick<Environment, "variables" | "workingDirectory">): string {
  const { INIT_CWD: calledIn = "", npm_package_json: manifest = "" } = variables;
  return calledIn !== "" && manifest !== "" && dirname(manifest) === workingDirectory
    ? calledIn
    : workingDirectory;
}
