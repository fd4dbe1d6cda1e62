/** Decodes inputs in a heap of their own, to see what they need at their height: judge() sees what is left in the end. */
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Family, TARGETS } from "./target.ts";

/** Of the old part of the heap, the code and the input with its fixtures included. The hungriest honest input needs 20 to 28 of them. */
export const PEAK_MEBIBYTES_MAX = 32;

/** Of its young part: small, so that what is kept soon counts. */
const YOUNG_MEBIBYTES = 4;

/** An input, whatever made it. */
export interface PeakInput {
  readonly name: string;
  readonly family: Family;
  readonly bytes: Uint8Array;
}

/** The inputs that some decoder of their family needs more memory for than PEAK_MEBIBYTES_MAX; an error of it is none. */
export async function inputsOverPeak(
  inputs: readonly PeakInput[],
  mebibytesMax: number = PEAK_MEBIBYTES_MAX,
): Promise<readonly string[]> {
  const over: string[] = [];
  let left = inputs;
  while (left.length > 0) {
    const done = await decodedInSmallHeap(left, mebibytesMax);
    const failed = left[done];
    if (failed !== undefined) over.push(failed.name);
    left = left.slice(done + 1);
  }
  return over;
}

/** How many inputs, from the first one on, were decoded before the heap was full. */
async function decodedInSmallHeap(inputs: readonly PeakInput[], mebibytesMax: number): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: inputs,
    resourceLimits: {
      maxOldGenerationSizeMb: mebibytesMax,
      maxYoungGenerationSizeMb: YOUNG_MEBIBYTES,
    },
  });
  let done = 0;
  worker.on("message", () => {
    done += 1;
  });
  try {
    await once(worker, "exit");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_WORKER_OUT_OF_MEMORY") throw error;
  }
  return done;
}

function decodeAll(inputs: readonly PeakInput[]): void {
  for (const { family, bytes } of inputs) {
    for (const target of TARGETS) {
      if (target.family !== family) continue;
      try {
        target.decode(bytes);
      } catch {
        // What it may throw is judge()'s to say.
      }
    }
    parentPort?.postMessage(null);
  }
}

if (!isMainThread) decodeAll(workerData as readonly PeakInput[]);
