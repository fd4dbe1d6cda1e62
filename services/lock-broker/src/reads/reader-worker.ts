/** The reader thread's program: see ReaderThread, which starts it, and ReaderSession, which does its work. */
import { parentPort, workerData } from "node:worker_threads";
import { assert, unreachable } from "@imesh/flow";
import { SystemClock } from "@imesh/time";
import { transferables } from "./page-transfer.ts";
import type { ReaderCommand, ReaderStart } from "./reader-protocol.ts";
import { ReaderSession } from "./reader-session.ts";

assert(parentPort !== null, "the reader runs in a thread of its own");
const port = parentPort;
const { databasePath, pageOut } = workerData as ReaderStart;
const session = new ReaderSession(databasePath, new SystemClock());

port.on("message", (command: ReaderCommand) => {
  switch (command.kind) {
    case "read": {
      const reply = session.read(command.page);
      // Known to the other thread at once, however long the answer takes to get there.
      Atomics.store(pageOut, 0, 0);
      port.postMessage(reply, transferables(reply));
      return;
    }
    case "end":
      session[Symbol.dispose]();
      // Nothing else keeps the thread alive.
      port.close();
      return;
    default:
      unreachable(command);
  }
});
