import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EXIT_CODES, formatAddress, StartupError } from "@imesh/lifecycle";
import type { Health } from "./health.ts";

/** Scrapers and probes are few; a seventeenth connection is a mistake somewhere and waits. */
const CONNECTIONS_MAX = 16;
const REQUEST_TIMEOUT_MS = 5_000;

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** Where the metrics server listens. */
export interface MetricsAddress {
  /** "127.0.0.1", "::1" or "localhost": what it shows has no caller identity, so it stays on the machine. */
  readonly host: string;
  /** 0 = any free one; `MetricsServer.url` says which. */
  readonly port: number;
}

/** The HTTP server of `/metrics`, `/healthz` and `/readyz`, GET only. */
export interface MetricsServer extends AsyncDisposable {
  /** "http://127.0.0.1:43121/metrics". */
  readonly url: string;
}

/**
 * Binds and answers: `/metrics` by `writeMetrics` (Prometheus text), `/healthz` with 200 as long as the event loop
 * turns, `/readyz` with 200 or 503 and the checks as JSON. Throws StartupError: 78 for a host that is not loopback, 75 when
 * the port is taken, 77 when it may not be bound. Disposing closes open connections at once.
 */
export async function startMetricsServer(
  address: MetricsAddress,
  health: Health,
  writeMetrics: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<MetricsServer> {
  if (!LOOPBACK_HOSTS.has(address.host)) {
    throw new StartupError({
      exitCode: EXIT_CODES.configuration,
      message: `Cannot serve metrics: "${address.host}" (loopback only)`,
      hint: "Use 127.0.0.1 or ::1, and let a scraper on this machine carry them further",
    });
  }
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    route(request, response, health, writeMetrics);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, address);
  const bound = server.address() as AddressInfo;
  const authority = formatAddress({ kind: "tcp", host: address.host, port: bound.port });
  return {
    url: `http://${authority}/metrics`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function route(
  request: IncomingMessage,
  response: ServerResponse,
  health: Health,
  writeMetrics: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  if (request.method !== "GET") {
    answer(response, 405, "GET only\n");
    return;
  }
  switch ((request.url ?? "").split("?")[0]) {
    case "/metrics":
      writeMetrics(request, response);
      // The exporter sets a type without version and charset; Prometheus 3 reads both.
      response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
      break;
    case "/healthz":
      answer(response, 200, "ok\n");
      break;
    case "/readyz":
      health.report().then(
        (report) => answer(response, report.isReady ? 200 : 503, `${JSON.stringify(report)}\n`),
        () => answer(response, 500, "cannot ask\n"),
      );
      break;
    default:
      answer(response, 404, "no such page\n");
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": text.startsWith("{") ? "application/json" : "text/plain" });
  response.end(text);
}

async function listen(server: Server, address: MetricsAddress): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: address.host, port: address.port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (cause) {
    throw bindError(address, cause);
  }
}

function bindError(address: MetricsAddress, cause: unknown): StartupError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
  const message = `Cannot serve metrics: "${address.host}:${address.port}" (${code})`;
  switch (code) {
    case "EADDRINUSE": {
      const hint = "Another process has the port; stop it, or choose another port, or 0 for any free one";
      return new StartupError({ exitCode: EXIT_CODES.temporary, message, hint, cause });
    }
    case "EACCES": {
      const hint = "Ports below 1024 need a right that no imesh process should have; choose a higher one";
      return new StartupError({ exitCode: EXIT_CODES.noPermission, message, hint, cause });
    }
    default: {
      const hint = "Check that this machine has the address";
      return new StartupError({ exitCode: EXIT_CODES.configuration, message, hint, cause });
    }
  }
}
