import { fileURLToPath } from "node:url";
import type { ServiceName } from "./home.ts";

/**
 * The program of a service. It is started as a process and never imported: services meet on the wire only.
 */
export function servicePath(service: ServiceName): string {
  return fileURLToPath(new URL(`../../../${service}/src/main.ts`, import.meta.url));
}
