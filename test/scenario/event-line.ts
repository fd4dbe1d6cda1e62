import { CommandState } from "@imesh/contracts/bridge/v1/command";
import { ArrivalClass, DeliveryState, Direction, type Event } from "@imesh/contracts/bridge/v1/event";

/** A contact's address; the last four digits are the code of the contact's letter. */
export function addressOf(contact: string): string {
  return `+1555000${String(contact.charCodeAt(0)).padStart(4, "0")}`;
}

/** One event as scripts print it: positions and names only, nothing that differs from run to run. */
export function eventLine(event: Event): string {
  const { sequence, payload, journalId } = event;
  const where = contactOf(event.chat?.guid);
  const arrival = nameOf(ArrivalClass, event.arrivalClass);
  const stable = (requestId: string): string => requestId.replace(journalId, "journal");
  switch (payload?.$case) {
    case "message": {
      const { direction, text, requestId } = payload.value;
      const request = requestId === "" ? "" : ` for ${stable(requestId)}`;
      return `${sequence} message ${nameOf(Direction, direction)} ${where} ${arrival} ${JSON.stringify(text)}${request}`;
    }
    case "command": {
      const { requestId, state, error } = payload.value;
      const reason = error === undefined ? "" : ` ${error.reason}`;
      return `${sequence} command ${stable(requestId)} ${nameOf(CommandState, state)}${reason}`;
    }
    case "messageStatus":
      return `${sequence} status ${where} ${nameOf(DeliveryState, payload.value.state)}`;
    case "unsupported":
      return `${sequence} unsupported ${where} ${payload.value.what}`;
    default:
      return `${sequence} ${payload?.$case} ${where}`;
  }
}

function contactOf(chatGuid: string | undefined): string {
  return chatGuid === undefined ? "nowhere" : String.fromCharCode(Number(chatGuid.slice(-4)));
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  const found = Object.entries(names).find(([, number]) => number === value)?.[0] ?? String(value);
  return found.toLowerCase().replaceAll("_", "-");
}
