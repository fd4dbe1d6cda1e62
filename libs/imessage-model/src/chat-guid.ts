import type { ChatGuid } from "./ids.ts";
import { parseChatGuid } from "./ids.ts";

/** What a chat is to its members. "unknown" is a form that did not exist when this was written. */
export type ChatStyle = "group" | "direct" | "unknown";

/** The three fields that every guid form seen so far has: `<service>;<style sign>;<identifier>`. */
export interface ChatGuidParts {
  /** `iMessage`, `SMS`, `RCS`, or `any` since macOS 26. Open set. */
  readonly service: string;
  readonly style: ChatStyle;
  /** A handle for direct chats, `chat<digits>` or hex for groups. May itself contain semicolons. */
  readonly identifier: string;
}

// chat.style stores the ASCII codes of the signs that stand in the guid.
const GROUP_STYLE_COLUMN = 43;
const DIRECT_STYLE_COLUMN = 45;

/** Builds the guid Messages would give this chat; used where a chat is created, never to guess an existing one. */
export function makeChatGuid(service: string, style: "group" | "direct", identifier: string): ChatGuid {
  return parseChatGuid(`${service};${style === "group" ? "+" : "-"};${identifier}`);
}

/** Splits a guid, or null when it has another form. Nothing may depend on a guid being splittable. */
export function chatGuidParts(guid: ChatGuid): ChatGuidParts | null {
  return chatGuidTextParts(guid);
}

/** As chatGuidParts(), of a guid that nobody has parsed; for this lib alone. */
export function chatGuidTextParts(guid: string): ChatGuidParts | null {
  const first = guid.indexOf(";");
  const second = guid.indexOf(";", first + 1);
  if (first < 0 || second < 0) {
    return null;
  }
  return {
    service: guid.slice(0, first),
    style: styleOfSign(guid.slice(first + 1, second)),
    identifier: guid.slice(second + 1),
  };
}

/** Reads `chat.style`: 43 is a group, 45 a direct chat, anything else or NULL "unknown". */
export function chatStyleOfColumn(style: number | null): ChatStyle {
  switch (style) {
    case GROUP_STYLE_COLUMN:
      return "group";
    case DIRECT_STYLE_COLUMN:
      return "direct";
    default:
      return "unknown";
  }
}

function styleOfSign(sign: string): ChatStyle {
  if (sign === "+") {
    return "group";
  }
  return sign === "-" ? "direct" : "unknown";
}
