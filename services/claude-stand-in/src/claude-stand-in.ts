import { type ServiceStatus, StatusFile } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import type { Config } from "./config.ts";
import { listen } from "./http/http-server.ts";
import { MessagesHandler } from "./http/messages-handler.ts";

/** What the stand-in needs from its process. */
export interface ClaudeStandInDeps {
  readonly clock: Clock;
  readonly pid: number;
}

/** A running stand-in. Disposing closes every connection and removes the status file. */
export interface ClaudeStandIn extends AsyncDisposable {
  /** What an `ANTHROPIC_BASE_URL` has to say: "http://127.0.0.1:43121". */
  readonly url: string;
}

/** Starts it; resolves when it listens and its status file is written. Throws StartupError (73, 75). */
export async function startClaudeStandIn(config: Config, deps: ClaudeStandInDeps): Promise<ClaudeStandIn> {
  await using resources = new AsyncDisposableStack();
  const messages = new MessagesHandler(deps.clock, config);
  const server = resources.use(await listen({ messages }, config));
  if (config.statusFile !== null) {
    resources.use(await StatusFile.write(config.statusFile, statusOf(server.url, deps)));
  }
  const owned = resources.move();
  return { url: server.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function statusOf(url: string, deps: ClaudeStandInDeps): ServiceStatus {
  const startedAt = new Date(Number(deps.clock.wallUnixNs() / 1_000_000n)).toISOString();
  return { service: "claude-stand-in", pid: deps.pid, startedAt, grpc: [], metrics: null, http: url };
}
