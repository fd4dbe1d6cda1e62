/**
 * A process that appends to the journal named by its argument until it is killed: batches of rows, each after the last that
 * the journal's cursor names. After each append it says how far it is, so whatever it said must be there afterwards.
 */
import { writeSync } from "node:fs";
import { messageDraft, openJournal } from "./journals.ts";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("Cannot write: no journal named");
const { store } = openJournal(path);
let rowid = BigInt(Buffer.from(store.sourceCursor().cursor).toString() || "0");
for (let batch = 1; ; batch += 1) {
  const events = Array.from({ length: (batch % 7) + 1 }, () => {
    rowid += 1n;
    return messageDraft(rowid, "x".repeat(Number(rowid % 500n)));
  });
  store.append({ events, cursor: { cursor: Buffer.from(String(rowid)), seenUnixNs: rowid } });
  writeSync(1, `${store.head()}\n`);
}
