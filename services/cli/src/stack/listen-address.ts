import { once } from "node:events";
import { createServer } from "node:net";
import { type Address, flagRefused, formatAddress, isLoopback } from "@imesh/lifecycle";
import { AddressInUseError } from "@imesh/rpc";
import type { Clock } from "@imesh/time";

/** What `--listen` takes, in the words of `--help`. */
export const LISTEN_FORM = "127.0.0.1:port|[::1]:port";

/** A stack that was killed gives its ports free within this time, in milliseconds. */
const WAIT_MS_MAX = 1_000;

const WAIT_STEP_MS = 50;

/**
 * The address that `--listen` means; `localhost` is 127.0.0.1. Throws StartupError (64) for what mac-bridge would refuse: it
 * has a socket already, and calls are neither encrypted nor authenticated.
 */
export function listenAddress(address: Address): Extract<Address, { kind: "tcp" }> {
  if (address.kind === "unix") throw refused(address, "mac-bridge has a socket in the home");
  if (address.host.toLowerCase() === "localhost") return { ...address, host: "127.0.0.1" };
  if (!isLoopback(address)) throw refused(address, "not a loopback address");
  return address;
}

/** Throws AddressInUseError (75) when somebody listens there and goes on doing so; any other trouble is mac-bridge's to tell. */
export async function refuseUnlessFree(
  address: Extract<Address, { kind: "tcp" }>,
  clock: Clock,
): Promise<void> {
  const endMs = clock.monotonicMs() + WAIT_MS_MAX;
  while (await isTaken(address)) {
    if (clock.monotonicMs() >= endMs) throw new AddressInUseError(address);
    await clock.sleep(WAIT_STEP_MS);
  }
}

async function isTaken({ host, port }: Extract<Address, { kind: "tcp" }>): Promise<boolean> {
  const server = createServer();
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  }
  server.close();
  await once(server, "close");
  return false;
}

function refused(address: Address, reason: string) {
  return flagRefused("imesh start", "--listen", formatAddress(address), `${reason}; want ${LISTEN_FORM}`);
}
