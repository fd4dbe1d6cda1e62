import type { Command } from "@imesh/contracts/bridge/v1/command";
import type { Event, Message } from "@imesh/contracts/bridge/v1/event";
import { Direction } from "@imesh/contracts/bridge/v1/event";
import { unreachable } from "@imesh/flow";
import { withoutControls } from "../terminal/control-text.ts";
import { formatTimeOfDay } from "../terminal/duration.ts";
import type { Style, Tone } from "../terminal/style.ts";
import { commandFailure, commandStateWord } from "./command-words.ts";
import { arrivalWord, deliveryWord } from "./event-words.ts";
import { unixNs } from "./unix-ns.ts";

const SEQUENCE_WIDTH = 6;
const ARRIVAL_WIDTH = "catch-up".length;
const KIND_WIDTH = "undecodable".length;

/**
 * One event on one line for a person: sequence, time, how it arrived, what it is. Control characters are made
 * visible.
 */
export function eventLine(event: Event, style: Style): string {
  const { kind, tone, text } = describe(event);
  const at = unixNs(event.hopTimes?.journaledTime) ?? unixNs(event.hopTimes?.sentTime);
  const columns = [
    style("dim", String(event.sequence).padStart(SEQUENCE_WIDTH)),
    style("dim", at === undefined ? "--:--:--.---" : formatTimeOfDay(at)),
    style("dim", arrivalWord(event.arrivalClass).padEnd(ARRIVAL_WIDTH)),
    style(tone, kind.padEnd(KIND_WIDTH)),
    text,
  ];
  return columns.join("  ");
}

interface Described {
  readonly kind: string;
  readonly tone: Tone;
  readonly text: string;
}

function describe(event: Event): Described {
  const { payload } = event;
  switch (payload?.$case) {
    case "message":
      return describeMessage(event, payload.value);
    case "messageStatus": {
      const { state, guid, error } = payload.value;
      const failure = error === 0 ? "" : ` (error ${error})`;
      return { kind: "status", tone: "dim", text: `${guid} ${deliveryWord(state)}${failure}` };
    }
    case "command":
      return describeCommand(payload.value);
    case "unsupported":
      return { kind: "unsupported", tone: "warning", text: `${payload.value.what} ${payload.value.guid}` };
    case "undecodable":
      return { kind: "undecodable", tone: "bad", text: `${payload.value.reason} ${payload.value.guid}` };
    case undefined:
      return { kind: "unknown", tone: "warning", text: "a newer imesh wrote this event" };
    default:
      return unreachable(payload);
  }
}

function describeMessage(event: Event, message: Message): Described {
  const chat = event.chat?.displayName || event.chat?.identifier || "(no chat)";
  const sender = message.sender?.address ?? "somebody";
  const isOwn = message.direction === Direction.OWN;
  const who = isOwn ? `→ ${chat}` : sender === chat ? `← ${sender}` : `← ${sender} in ${chat}`;
  return {
    kind: isOwn ? "own" : "incoming",
    tone: isOwn ? "accent" : "good",
    text: `${withoutControls(who)}  ${withoutControls(message.text)}`,
  };
}

function describeCommand(command: Command): Described {
  const state = commandStateWord(command.state);
  const failure = commandFailure(command);
  const isBad = state === "refused" || state === "failed" || state === "uncertain";
  return {
    kind: "command",
    tone: isBad ? "bad" : "dim",
    text: withoutControls(`${command.requestId} ${state}${failure === "" ? "" : ` (${failure})`}`),
  };
}
