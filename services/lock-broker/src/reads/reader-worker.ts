/** The reader thread's program: see ReaderThread, which starts it, and ReaderSession, which does its work. */
import { parentPort, workerData } from "node:worker_threads";
import { assert, unreachable } from "@imesh/flow";
import { SystemClock } from "@imesh/time";
import { transferables } from "./page-transfer.ts";
import { PAGE_STATE, type ReaderCommand, type ReaderStart } from "./reader-protocol.ts";
import { ReaderSession } from "./reader-session.ts";

assert(parentPort !== null, "the reader runs in a thread of its own");
const port = parentPort;
const { databasePath, pageState } = workerData as ReaderStart;
const isEnding = () => Atomics.load(pageState, 0) === PAGE_STATE.ending;
const session = new ReaderSession(databasePath, new SystemClock(), isEnding);

port.on("message", (command: ReaderCommand) => {
  switch (command.kind) {
    case "read": {
      const reply = session.read(command.page);
      // Known to the other thread at once, however long the answer takes to get there.
      Atomics.store(pageState, 0, PAGE_STATE.none);
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
