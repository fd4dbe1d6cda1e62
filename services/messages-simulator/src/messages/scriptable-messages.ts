import { unreachable } from "@imesh/flow";
import { type Clock, DELAY_MS_MAX } from "@imesh/time";
import type { MessagesApplication, SendTarget } from "../applescript/applescript.ts";
import { AppleEventError } from "../applescript/script-error.ts";
import { quoted, type ScriptAccount } from "../applescript/values.ts";
import type { ChatDatabase } from "../mac/chat-database.ts";
import type { Account } from "./account.ts";
import { canonicalAddress } from "./address.ts";
import type { Outbox } from "./outbox.ts";
import type { SendBehavior } from "./send-behavior.ts";

/** Collaborators of {@link ScriptableMessages}. */
export interface ScriptablePorts {
  readonly clock: Clock;
  readonly database: ChatDatabase;
  readonly behavior: SendBehavior;
  readonly outbox: Outbox;
}

/** What one osascript talks to. */
export interface ScriptableOptions {
  readonly account: Account;
  readonly delays: { readonly appleEventMs: number; readonly appleEventTimeoutMs: number };
  /** Aborts when that osascript is gone or the simulator stops. */
  readonly signal: AbortSignal;
}

/** Messages as AppleScript sees it, with the failures that `SendBehavior` asks for. */
export class ScriptableMessages implements MessagesApplication {
  readonly version = "26.0";
  readonly #ports: ScriptablePorts;
  readonly #options: ScriptableOptions;

  constructor(ports: ScriptablePorts, options: ScriptableOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Refused only while every send is: a mode for the next few sends is not used up by other events. */
  authorize(): void {
    if (this.#ports.behavior.standing === "not-allowed") throw notAllowed();
  }

  hasChat(guid: string): boolean {
    return this.#ports.database.tables.chats.findChat(guid) !== undefined;
  }

  chatGuids(): readonly string[] {
    return this.#ports.database.tables.chats.guids();
  }

  accounts(): readonly ScriptAccount[] {
    const { guid, login } = this.#options.account;
    return [{ id: guid, serviceType: "iMessage", description: login }];
  }

  participantAddress(key: string): string | undefined {
    return canonicalAddress(key);
  }

  async send(text: string, target: SendTarget, timeoutMs: number | undefined): Promise<void> {
    const { clock, behavior, outbox } = this.#ports;
    const mode = behavior.take();
    if (mode === "not-allowed") throw notAllowed();
    await clock.sleep(this.#options.delays.appleEventMs, this.#options.signal);
    if (mode === "no-such-chat") throw noSuchTarget(target);
    // Messages is choked: nothing was taken, which is what -609 says.
    if (!outbox.hasRoom(text)) throw new AppleEventError("application", -609, "Connection is invalid.");
    switch (mode) {
      case "normal":
        return outbox.accept(text, target, "sent");
      case "error-22":
      case "ghost-row":
        return outbox.accept(text, target, mode);
      case "timeout-without-effect":
        return await this.#timeOut(timeoutMs);
      case "timeout-after-effect":
        outbox.accept(text, target, "sent");
        return await this.#timeOut(timeoutMs);
      case "hang-after-effect":
        outbox.accept(text, target, "sent");
        return await hang(this.#options.signal);
      default:
        return unreachable(mode);
    }
  }

  sleep(delayMs: number): Promise<void> {
    return this.#ports.clock.sleep(Math.min(Math.max(delayMs, 0), DELAY_MS_MAX), this.#options.signal);
  }

  async #timeOut(timeoutMs: number | undefined): Promise<never> {
    const { appleEventTimeoutMs } = this.#options.delays;
    await this.sleep(Math.min(timeoutMs ?? appleEventTimeoutMs, appleEventTimeoutMs));
    throw new AppleEventError("application", -1712, "AppleEvent timed out.");
  }
}

function notAllowed(): AppleEventError {
  return new AppleEventError("system", -1743, "Not authorized to send Apple events to Messages.");
}

function noSuchTarget(target: SendTarget): AppleEventError {
  const what =
    target.kind === "chat" ? `chat id ${quoted(target.guid)}` : `participant ${quoted(target.address)}`;
  return new AppleEventError("application", -1728, `Can’t get ${what}.`);
}

/** Ends only with the one who waits. */
function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
