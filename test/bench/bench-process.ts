/** The processes of a benchmark: each prints a line when it is ready, and its figures as another. */
import { type ChildProcess, spawn } from "node:child_process";

/** Starts a script of this Node; its stdout is for {@link nextLine}. */
export function startScript(path: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

/** The next line that the process prints; rejects when it ends without one. */
export async function nextLine(child: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = "";
    const end = (code: number | null): void => reject(new Error(`a bench process ended with ${code}`));
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!text.endsWith("\n")) return;
      child.stdout?.off("data", take);
      child.off("exit", end);
      resolve(text.trim());
    };
    child.stdout?.on("data", take);
    child.once("exit", end);
  });
}

/** The next line, which is JSON. */
export async function nextJson<T>(child: ChildProcess): Promise<T> {
  return JSON.parse(await nextLine(child)) as T;
}
