import { join } from "node:path";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { type CommandContext, defineCommand, JSON_FLAG } from "../command.ts";
import { converse } from "../conversation/conversation.ts";
import { oneExchange } from "../conversation/one-exchange.ts";
import { doctorTarget, OSASCRIPT_PATH } from "../doctor/doctor-target.ts";
import { refuseUnlessHealthy } from "../doctor/start-gate.ts";
import { homeToStart } from "../home/home.ts";
import { LISTEN_FORM, listenAddress } from "../stack/listen-address.ts";
import { startStack } from "../stack/running-stack.ts";
import { serve } from "../stack/serve.ts";
import type { Mac } from "../stack/stack-plan.ts";
import { DEFAULT_CONTACT } from "./contact.ts";

const DEFAULT_TEXT = "hello";

/** `imesh start`. */
export const startCommand = defineCommand({
  name: "start",
  summary: "Starts everything: the services, and a simulated Mac unless --mac says to use the real Messages.",
  operands: [],
  flags: {
    say: {
      type: "string",
      default: null,
      help: "Say this as a contact, print answer and hops, end",
    },
    serve: { type: "boolean", default: false, help: "Run until told to end (SIGTERM, SIGINT)" },
    mac: {
      type: "boolean",
      default: false,
      help: "Use the real Messages of this Mac; examines permissions first",
    },
    home: {
      type: "string",
      default: null,
      help: "What is kept goes here; see below for the default",
    },
    listen: {
      type: "address",
      form: LISTEN_FORM,
      default: null,
      help: "Where mac-bridge also listens",
    },
    metricsPort: {
      type: "integer",
      min: 1_024,
      max: 65_533,
      default: null,
      help: "Metrics on this port and the next two; else free ones",
    },
    timeout: {
      type: "integer",
      min: 1,
      max: 3_600,
      default: 30,
      help: "Longest wait for services, then for an answer, in s",
    },
    seed: {
      type: "integer",
      min: 0,
      max: 2 ** 32 - 1,
      default: 1,
      help: "Seed of everything random in the simulated Mac",
    },
    ...JSON_FLAG,
  },
  notes: [
    "In a terminal it holds a conversation: you type as a contact of the simulated Mac. Without a terminal, and",
    'without --say or --serve, it is the same as --say "hello".',
    "",
    "Answers come from Claude when ANTHROPIC_API_KEY is set, else from a stand-in that repeats what it is told.",
    "--home is $IMESH_HOME by default, else .imesh in the present directory, or ~/.imesh with --mac. Logs are in",
    "<home>/logs. Metrics are those of lock-broker, mac-bridge and agent. Exit codes: imesh help exit-codes.",
  ],
  run: async ({ flags }, context) => {
    const mode = modeOf(flags, context);
    const listen = flags.listen === null ? null : listenAddress(flags.listen);
    const { environment, surroundings, clock } = context;
    const home = homeToStart(flags.home, flags.mac ? "mac" : "simulated", surroundings);
    const mac = macOf(flags, context);
    if (mac.kind === "real") {
      const { nodePath } = environment;
      const target = doctorTarget({ mode: "mac", home, chatDbPath: mac.chatDbPath, nodePath });
      await refuseUnlessHealthy(target, context);
    }
    const { metricsPort } = flags;
    const { nodePath, variables } = environment;
    const options = { home, mac, listen, metricsPort, nodePath, variables, clock };
    const timeoutMs = flags.timeout * 1_000;
    await using stack = await startStack(options, timeoutMs, context);
    switch (mode.kind) {
      case "say":
        return await oneExchange(
          stack,
          { text: mode.text, contact: DEFAULT_CONTACT, timeoutMs, isJson: flags.json },
          context,
        );
      case "converse":
        return await converse(stack, { contact: DEFAULT_CONTACT, timeoutMs }, context);
      case "serve":
        return await serve(stack, { isMac: flags.mac, isJson: flags.json }, context);
    }
  },
});

type Mode =
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "converse" }
  | { readonly kind: "serve" };

interface ModeFlags {
  readonly say: string | null;
  readonly serve: boolean;
  readonly mac: boolean;
  readonly json: boolean;
}

function modeOf(flags: ModeFlags, { environment }: CommandContext): Mode {
  if (flags.say !== null && flags.mac)
    throw conflict("--mac", "a contact of the real Messages speaks for itself");
  if (flags.say !== null && flags.serve) throw conflict("--serve", "it ends after one exchange");
  if (flags.say !== null) return { kind: "say", text: flags.say };
  if (flags.serve || flags.mac) return { kind: "serve" };
  const isConversation = environment.stdin.isTTY === true && !flags.json;
  return isConversation ? { kind: "converse" } : { kind: "say", text: DEFAULT_TEXT };
}

function macOf(
  flags: { readonly mac: boolean; readonly seed: number },
  { surroundings }: CommandContext,
): Mac {
  if (!flags.mac) return { kind: "simulated", seed: flags.seed };
  const chatDbPath = join(surroundings.userDirectory, "Library", "Messages", "chat.db");
  return { kind: "real", chatDbPath, osascriptPath: OSASCRIPT_PATH };
}

function conflict(flag: string, reason: string): StartupError {
  return new StartupError({
    exitCode: EXIT_CODES.usage,
    message: `Cannot use ${flag} (together with --say: ${reason})`,
    hint: "See imesh start --help",
  });
}
