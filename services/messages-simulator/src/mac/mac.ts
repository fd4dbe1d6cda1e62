import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import type { Clock } from "@imesh/time";
import { TruthLog } from "../truth/truth-log.ts";
import { ChatDatabase } from "./chat-database.ts";
import type { DatabaseBirth } from "./database-birth.ts";
import { lockMac } from "./mac-lock.ts";

/** Where things are on a Mac, under a directory that stands for `/` and for the user's home at once. */
export interface MacPaths {
  readonly chatDb: string;
  readonly attachments: string;
  readonly osascript: string;
}

/** The simulated disk with its database. */
export interface Mac extends Disposable {
  readonly paths: MacPaths;
  readonly database: ChatDatabase;
  /** What a person saw change, in whichever database stood at the path. */
  readonly truth: TruthLog;
}

/**
 * Makes the directories a Mac has, as far as they are missing, and opens chat.db in them. `directory` is absolute.
 * `makeBirth` is asked only when there is no chat.db yet. Throws StartupError: 73, 78, or 75 while another process has this Mac.
 */
export function openMac(directory: string, makeBirth: () => DatabaseBirth, clock: Clock): Mac {
  const messages = join(directory, "Library", "Messages");
  const programs = join(directory, "usr", "bin");
  const paths: MacPaths = {
    chatDb: join(messages, "chat.db"),
    attachments: join(messages, "Attachments"),
    osascript: join(programs, "osascript"),
  };
  try {
    mkdirSync(paths.attachments, { recursive: true, mode: 0o700 });
    mkdirSync(programs, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StartupError({
      exitCode: EXIT_CODES.cannotCreate,
      message: `Cannot create directory: "${directory}"`,
      hint: "Choose a directory that this user can make",
      cause,
    });
  }
  using resources = new DisposableStack();
  resources.use(lockMac(join(directory, "simulator.lock")));
  const truth = resources.use(TruthLog.open(join(directory, "truth.db")));
  const database = resources.use(ChatDatabase.open(paths.chatDb, makeBirth, { clock, truth }));
  const owned = resources.move();
  return { paths, database, truth, [Symbol.dispose]: () => owned.dispose() };
}
