import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { bindUnixSocket } from "@imesh/rpc";
import type { Clock } from "@imesh/time";
import { type MessagesApplication, runScript, type ScriptOutcome } from "../applescript/applescript.ts";
import { type AppleEventReply, parseRequest, REQUEST_BYTES_MAX } from "./apple-event.ts";

/** osascripts at once; one more is hung up on, which it reports as -609. */
const CONNECTIONS_MAX = 256;

/** What {@link listenForAppleEvents} needs. */
export interface AppleEventPorts {
  /** Absolute path of the socket, at most 103 bytes; its directory is made, mode 0700. */
  readonly socketPath: string;
  readonly clock: Clock;
  /** Messages for one osascript; the signal aborts when that is gone. */
  readonly application: (signal: AbortSignal) => MessagesApplication;
  /** A script could not be run for a fault of ours. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Listens for the stand-ins of osascript and runs their scripts. Each connection is one script: a line in, a line out, then
 * the end. Throws StartupError (75: another process listens there). Disposing hangs up on all, which they report as -609.
 */
export async function listenForAppleEvents(ports: AppleEventPorts): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A peer that dies in the middle is the ordinary end of a killed osascript; 'close' follows.
    socket.on("error", () => {});
    serve(socket, ports);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await bindUnixSocket({ kind: "unix", path: ports.socketPath }, ports.clock, async () => {
    server.listen(ports.socketPath);
    await once(server, "listening");
  });
  return { [Symbol.asyncDispose]: () => close(server, sockets) };
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

function serve(socket: Socket, ports: AppleEventPorts): void {
  const gone = new AbortController();
  socket.once("close", () => gone.abort(new Error("osascript is gone")));
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) {
      socket.destroy();
      return;
    }
    chunks.push(chunk);
    if (!chunk.includes(0x0a)) return;
    socket.off("data", onData);
    // Nothing more is expected, and an unread byte must not fill memory; 'close' still comes.
    socket.resume();
    const line = Buffer.concat(chunks).toString("utf8");
    answer(line, socket, ports, gone.signal).catch((error: unknown) => {
      // The waits of a script end with its osascript; that is no fault.
      if (gone.signal.aborted) return;
      ports.onFault(error);
      socket.destroy();
    });
  };
  socket.on("data", onData);
}

async function answer(
  line: string,
  socket: Socket,
  ports: AppleEventPorts,
  signal: AbortSignal,
): Promise<void> {
  const request = parseRequest(line.slice(0, line.indexOf("\n")));
  if (request === undefined) {
    socket.destroy();
    return;
  }
  const outcome = await runScript(request, ports.application(signal));
  socket.end(`${JSON.stringify(toReply(outcome))}\n`);
}

function toReply(outcome: ScriptOutcome): AppleEventReply {
  if (outcome.kind === "result") return { kind: "result", text: outcome.text ?? null };
  const { phase, number, message, range } = outcome;
  return { kind: "error", phase, number, message, start: range.start, end: range.end };
}
