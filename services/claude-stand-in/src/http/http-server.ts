import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { notFound } from "../messages/fault.ts";
import { type MessagesHandler, sendFault } from "./messages-handler.ts";

/** Collaborators of {@link listen}. */
export interface HttpServerPorts {
  readonly messages: MessagesHandler;
}

/** Where to listen. */
export interface HttpServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** A listening server. Disposing refuses new connections, aborts what is under way and waits until it has ended. */
export interface HttpServer extends AsyncDisposable {
  /** As bound: "http://127.0.0.1:43121". */
  readonly url: string;
}

/**
 * Listens: `POST /v1/messages`, `GET /healthz`, 404 in the API's form for everything else. Every answer carries a
 * `request-id` and says in `server` what it comes from. Throws StartupError 75 when the address is taken.
 */
export async function listen(ports: HttpServerPorts, options: HttpServerOptions): Promise<HttpServer> {
  const stop = new AbortController();
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const requestId = `req_stand_in_${requests}`;
    response.setHeader("server", "imesh-claude-stand-in");
    response.setHeader("request-id", requestId);
    answer(ports, request, response, requestId, stop.signal);
  });
  server.listen(options.port, options.host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new StartupError({
      exitCode: EXIT_CODES.temporary,
      message: `Cannot listen on ${options.host}:${options.port}`,
      hint: "Take another port with --listen, or 127.0.0.1:0 for a free one",
      cause,
    });
  }
  return {
    url: urlOf(server),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("Stand-in stopped"));
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function answer(
  ports: HttpServerPorts,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  stop: AbortSignal,
): void {
  const path = request.url?.split("?")[0];
  if (request.method === "GET" && path === "/healthz") {
    response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
    return;
  }
  if (request.method !== "POST" || path !== "/v1/messages") {
    sendFault(response, notFound(`${request.method} ${path} is not served by the stand-in`), requestId);
    return;
  }
  const gone = new AbortController();
  const abort = () => gone.abort(stop.reason ?? new Error("Client went away"));
  stop.addEventListener("abort", abort);
  response.once("close", () => {
    stop.removeEventListener("abort", abort);
    abort();
  });
  ports.messages.handle(request, response, requestId, gone.signal).catch((error: unknown) => {
    // Nobody is left to answer once the client went away or we stop; anything else is our bug and ends the process.
    if (!gone.signal.aborted && !request.destroyed) throw error;
  });
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot tell address: not listening");
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
