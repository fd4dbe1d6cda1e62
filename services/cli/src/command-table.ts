import type { Command } from "./command.ts";

/**
 * A command as the overview lists it. Its code is loaded only when it is called: `imesh help` starts in a
 * blink.
 */
export interface CommandEntry {
  /** As typed after `imesh`: "sim say". */
  readonly name: string;
  /** A fragment for the overview. */
  readonly summary: string;
  /** What its own page has that a reader of its group's page should know of: "lists …". */
  readonly pointer?: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order in which a newcomer meets them. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "start",
    summary: "start everything, with a simulated Mac or the real Messages",
    load: async () => (await import("./commands/start.ts")).startCommand,
  },
  {
    name: "sim say",
    summary: "let a contact of the simulated Mac say something",
    load: async () => (await import("./commands/sim-say.ts")).simSayCommand,
  },
  {
    name: "sim burst",
    summary: "let many contacts of the simulated Mac talk at once",
    load: async () => (await import("./commands/sim-burst.ts")).simBurstCommand,
  },
  {
    name: "sim act",
    summary: "let something happen: an edit, an unsend, a reaction, a poll",
    pointer: "has an example of everything that can happen",
    load: async () => (await import("./commands/sim-act.ts")).simActCommand,
  },
  {
    name: "sim play",
    summary: "let random things happen, by a seed",
    load: async () => (await import("./commands/sim-play.ts")).simPlayCommand,
  },
  {
    name: "sim status",
    summary: "what the simulated Mac holds",
    load: async () => (await import("./commands/sim-status.ts")).simStatusCommand,
  },
  {
    name: "tail",
    summary: "follow what happens in Messages",
    load: async () => (await import("./commands/tail.ts")).tailCommand,
  },
  {
    name: "send",
    summary: "send a message and prove what became of it",
    load: async () => (await import("./commands/send.ts")).sendCommand,
  },
  {
    name: "chats",
    summary: "list the chats of the Mac",
    load: async () => (await import("./commands/chats.ts")).chatsCommand,
  },
  {
    name: "decode",
    summary: "what is in a body, a payload or another blob of chat.db",
    load: async () => (await import("./commands/decode.ts")).decodeCommand,
  },
  {
    name: "status",
    summary: "how every service is and how far it got",
    load: async () => (await import("./commands/status.ts")).statusCommand,
  },
  {
    name: "doctor",
    summary: "what this machine lacks, and how to mend it",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
];

/** Pages of help that are no command. */
export const TOPICS: readonly {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<string>;
}[] = [
  {
    name: "exit-codes",
    summary: "what exit codes say",
    load: async () => (await import("./commands/exit-codes.ts")).exitCodesHelp(),
  },
];
