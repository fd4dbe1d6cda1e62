import { get } from "node:http";
import type { Readiness } from "../supervisor/service-plan.ts";

/** Asks an HTTP server whether it serves: any 2xx of `url` says so. Never throws; heeds `signal`. */
export function probeHttp(url: string, signal: AbortSignal): Promise<Readiness> {
  return new Promise((resolve) => {
    const request = get(url, { signal, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      const isServing = status >= 200 && status < 300;
      resolve(isServing ? { kind: "serving" } : { kind: "not-serving", detail: `it answers with ${status}` });
    });
    request.on("error", () => resolve({ kind: "not-serving", detail: "it does not listen" }));
  });
}
