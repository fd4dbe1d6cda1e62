import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Readiness, ServicePlan } from "../supervisor/service-plan.ts";

const CHILD_PATH = fileURLToPath(new URL("./child-service.ts", import.meta.url));

/** A line of the journal that the children of `child-service.ts` write. */
export interface JournalLine {
  readonly name: string;
  readonly what: string;
  readonly pid: number;
}

/**
 * Plans of child services by name → behaviour, each after the one before it. One serves when its last line in
 * the journal is "up".
 */
export function journalPlans(journal: string, services: Readonly<Record<string, string>>): ServicePlan[] {
  const names = Object.keys(services);
  return names.map((name, index) => ({
    name,
    after: names.slice(Math.max(0, index - 1), index),
    prepare: async () => ({
      command: [process.execPath, CHILD_PATH, name, journal, services[name] ?? "fine"],
      variables: process.env,
    }),
    probe: async (): Promise<Readiness> => {
      const last = (await readJournal(journal)).findLast((line) => line.name === name);
      return last?.what === "up" ? { kind: "serving" } : { kind: "not-serving", detail: "it is not up" };
    },
  }));
}

/** What the children wrote; nothing when none did. */
export async function readJournal(journal: string): Promise<JournalLine[]> {
  const text = await readFile(journal, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [name = "", what = "", pid = "0"] = line.split(" ");
      return { name, what, pid: Number(pid) };
    });
}
