import { EXIT_CODES } from "@imesh/lifecycle";
import type { Check, DoctorTarget, Finding } from "./check.ts";
import { grantee, isOverSsh } from "./grantee.ts";
import type { CommandResult, DoctorPorts } from "./ports.ts";

// A service's own check starts node and opens one file; osascript may have to wake Messages up.
const CHECK_TIMEOUT_MS = 20_000;
const PROGRAM_TIMEOUT_MS = 5_000;

/** What hearing and speaking through Messages needs. */
export const MESSAGES_CHECKS: readonly Check[] = [
  { name: "chat-db", title: "Messages' database", platform: "macos", examine: examineChatDb },
  { name: "gui-session", title: "Desktop session", platform: "macos", examine: examineSession },
  { name: "messages-running", title: "Messages", platform: "macos", examine: examineMessages },
  { name: "automation", title: "Automation", platform: "macos", examine: examineAutomation },
];

/** By the broker itself, which opens and reads: only the real thing tells whether macOS allows it. */
async function examineChatDb({ commands, platform }: DoctorPorts, target: DoctorTarget): Promise<Finding> {
  const result = await commands.run(target.brokerCheck, CHECK_TIMEOUT_MS);
  if (result.kind !== "exited") return unfinished("lock-broker --check", result);
  switch (result.code) {
    case EXIT_CODES.ok:
      return { kind: "ok", detail: `${target.chatDbPath} can be read` };
    case EXIT_CODES.noInput:
      return {
        kind: "failed",
        detail: `there is no ${target.chatDbPath}`,
        advice: "Open Messages, sign in with an Apple Account, and send yourself a message",
        exitCode: EXIT_CODES.noInput,
      };
    case EXIT_CODES.noPermission:
      return {
        kind: "failed",
        detail: `Full Disk Access is missing: ${target.chatDbPath} cannot be read`,
        advice: fullDiskAccessAdvice(platform.variables, platform.nodePath),
        exitCode: EXIT_CODES.noPermission,
      };
    case EXIT_CODES.configuration:
      return {
        kind: "failed",
        detail: `${target.chatDbPath} looks unlike any that imesh knows: ${firstLine(result.err)}`,
        advice: "Look for a newer imesh that knows this macOS",
        exitCode: EXIT_CODES.configuration,
      };
    default:
      return {
        kind: "failed",
        detail: `lock-broker --check exited with ${result.code}: ${firstLine(result.err)}`,
        advice: "Run it yourself to see more",
        exitCode: EXIT_CODES.unavailable,
      };
  }
}

async function examineSession({ commands, platform }: DoctorPorts): Promise<Finding> {
  const advice =
    "Log in at the Mac's own screen (or by Screen Sharing) and start imesh from a terminal there";
  if (isOverSsh(platform.variables)) {
    return {
      kind: "warning",
      detail: "this shell came over SSH; macOS cannot ask anybody for Automation here",
      advice,
    };
  }
  const result = await commands.run(["/bin/launchctl", "managername"], PROGRAM_TIMEOUT_MS);
  if (result.kind !== "exited" || result.code !== 0) return unfinished("launchctl managername", result);
  const name = result.out.trim();
  if (name === "Aqua") return { kind: "ok", detail: "a desktop session (Aqua)" };
  return {
    kind: "failed",
    detail: `this is a ${name || "nameless"} session, not a desktop session (Aqua)`,
    advice,
    exitCode: EXIT_CODES.noPermission,
  };
}

async function examineMessages({ commands }: DoctorPorts): Promise<Finding> {
  const result = await commands.run(["/usr/bin/pgrep", "-x", "Messages"], PROGRAM_TIMEOUT_MS);
  if (result.kind !== "exited") return unfinished("pgrep", result);
  if (result.code === 0) return { kind: "ok", detail: "Messages is running" };
  return {
    kind: "warning",
    detail: "Messages is not running",
    advice: "Open Messages and keep it open: run open -g -a Messages, and add it to the login items",
  };
}

async function examineAutomation(
  { commands, platform }: DoctorPorts,
  target: DoctorTarget,
): Promise<Finding> {
  const result = await commands.run(target.bridgeCheck, CHECK_TIMEOUT_MS);
  if (result.kind !== "exited") return unfinished("mac-bridge --check", result);
  switch (result.code) {
    case EXIT_CODES.ok:
      return { kind: "ok", detail: "Messages can be told to send" };
    case EXIT_CODES.noPermission:
      return {
        kind: "failed",
        detail: "Automation is missing: Messages may not be told to send",
        advice: automationAdvice(platform.variables),
        exitCode: EXIT_CODES.noPermission,
      };
    default:
      return {
        kind: "failed",
        detail: `mac-bridge --check exited with ${result.code}: ${firstLine(result.err)}`,
        advice: "Open Messages, wait until it shows its chats, and try again",
        exitCode: EXIT_CODES.unavailable,
      };
  }
}

function fullDiskAccessAdvice(
  variables: Readonly<Record<string, string | undefined>>,
  nodePath: string,
): string {
  if (isOverSsh(variables)) {
    return "System Settings → General → Sharing → Remote Login (i) → Allow full disk access for remote users";
  }
  const name = grantee(variables) ?? `node (${nodePath})`;
  return (
    `System Settings → Privacy & Security → Full Disk Access → switch on ${name}, then quit and reopen it ` +
    '(run: open "x-apple.systempreferences:com.apple.preference.security?Privacy_AllFiles")'
  );
}

function automationAdvice(variables: Readonly<Record<string, string | undefined>>): string {
  if (isOverSsh(variables))
    return "Start imesh from a terminal on the Mac's own screen; over SSH nobody can be asked";
  const name = grantee(variables) ?? "node";
  return (
    `System Settings → Privacy & Security → Automation → ${name} → switch on Messages ` +
    '(run: open "x-apple.systempreferences:com.apple.preference.security?Privacy_Automation"); ' +
    "if it is not listed, run: tccutil reset AppleEvents, start again and answer the question with OK"
  );
}

function unfinished(what: string, result: CommandResult): Finding {
  const how =
    result.kind === "exited"
      ? `exited with ${result.code}`
      : result.kind === "killed"
        ? `was killed by ${result.signal}`
        : result.kind === "absent"
          ? "is not there"
          : "did not come back in time";
  return {
    kind: "failed",
    detail: `${what} ${how}`,
    advice: "Try again; if macOS shows a question on the screen, answer it first",
    exitCode: EXIT_CODES.unavailable,
  };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] || "no reason given";
}
