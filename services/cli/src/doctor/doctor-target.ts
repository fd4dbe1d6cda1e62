import { type Home, socketPath, socketTarget } from "../home/home.ts";
import { servicePath } from "../home/service-path.ts";
import type { DoctorTarget } from "./check.ts";

/** Where macOS has osascript; the only program that may talk to Messages for us. */
export const OSASCRIPT_PATH = "/usr/bin/osascript";

/** What a target is made of. */
export interface DoctorTargetFacts {
  readonly mode: DoctorTarget["mode"];
  readonly home: Home;
  readonly chatDbPath: string;
  readonly nodePath: string;
}

/** What the doctor examines for `imesh start` with the same home. */
export function doctorTarget({ mode, home, chatDbPath, nodePath }: DoctorTargetFacts): DoctorTarget {
  return {
    mode,
    homePath: home.path,
    chatDbPath,
    osascriptPath: OSASCRIPT_PATH,
    brokerCheck: [
      ...([nodePath, servicePath("lock-broker"), "--chat-db", chatDbPath] as const),
      ...["--socket", socketPath(home, "lock-broker"), "--check"],
    ],
    bridgeCheck: [
      ...([nodePath, servicePath("mac-bridge"), "--broker", socketTarget(home, "lock-broker")] as const),
      ...["--journal", home.journalPath, "--socket", socketPath(home, "mac-bridge")],
      ...["--osascript", OSASCRIPT_PATH, "--check"],
    ],
  };
}
