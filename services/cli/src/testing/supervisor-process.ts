import { SystemClock, SystemRandom } from "@imesh/time";
import { startSupervisor } from "../supervisor/supervisor.ts";
import { journalPlans } from "./journal-plans.ts";

/**
 * A supervisor to be killed: argument 1 is the directory for logs and journal, the others are services, all
 * "fine".
 */
const [directory = "", ...names] = process.argv.slice(2);
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };

await startSupervisor(
  { clock: new SystemClock(), random: new SystemRandom(), log: silent, report: () => {} },
  journalPlans(`${directory}/journal`, Object.fromEntries(names.map((name) => [name, "fine"]))),
  { logsPath: directory },
  new AbortController().signal,
);
process.stdout.write("serving\n");
