import { type Address, type Flags, formatAddress } from "@imesh/lifecycle";
import { type HomeSurroundings, homeToReach, socketTarget } from "../home/home.ts";

/** Flag of every command that talks to a running imesh. */
export const HOME_FLAG = {
  home: {
    type: "string",
    default: null,
    help: "Home to talk to; else $IMESH_HOME, .imesh, ~/.imesh",
  },
} as const satisfies Flags;

/** Flags of every command that talks to mac-bridge. */
export const BRIDGE_FLAGS = {
  ...HOME_FLAG,
  bridge: {
    type: "address",
    default: null,
    help: "mac-bridge to talk to; default the one of --home",
  },
} as const satisfies Flags;

/** Where mac-bridge is: what `--bridge` says, else the socket of the home. */
export function bridgeTarget(
  flags: { readonly bridge: Address | null; readonly home: string | null },
  surroundings: HomeSurroundings,
): string {
  if (flags.bridge !== null) return formatAddress(flags.bridge);
  return socketTarget(homeToReach(flags.home, surroundings), "mac-bridge");
}

/** Where the simulator of a home is. */
export function simulatorTarget(home: string | null, surroundings: HomeSurroundings): string {
  return socketTarget(homeToReach(home, surroundings), "messages-simulator");
}
