import { chatGuidParts, makeChatGuid, parseChatGuid } from "@imesh/imessage-model";

const E164 = /^\+[1-9]\d{6,14}$/;
const MAIL = /^[^\s@;"<>]{1,64}@[^\s@;"<>]{1,255}$/;

/** Since macOS 26 every new chat's guid begins so, whatever its service. */
const GUID_SERVICE = "any";

/** The form Messages stores: E.164 as it is, mail in lower case. Undefined when it is neither. */
export function canonicalAddress(text: string): string | undefined {
  if (E164.test(text)) return text;
  return MAIL.test(text) ? text.toLowerCase() : undefined;
}

/** `account` column of own address: `P:` for a number, `E:` for mail. */
export function accountLogin(address: string): string {
  return address.startsWith("+") ? `P:${address}` : `E:${address}`;
}

/**
 * Guid of the direct chat with a canonical address. Chats of iMessage have the new form; those of other services keep the old one
 * here, so that a contact can have one of each.
 */
export function directChatGuid(address: string, service = "iMessage"): string {
  return makeChatGuid(service === "iMessage" ? GUID_SERVICE : service, "direct", address);
}

/** Identifier (`chat123…`) in a group's guid; undefined when it is no guid of a group. */
export function groupIdentifier(guid: string): string | undefined {
  if (guid.length === 0 || guid.length > 256 || guid.includes("\0")) return undefined;
  const parts = chatGuidParts(parseChatGuid(guid));
  return parts?.style === "group" && parts.identifier !== "" ? parts.identifier : undefined;
}

/** Canonical address in a direct chat's guid; undefined when it is no guid of one, or of no address we know the form of. */
export function directAddress(guid: string): string | undefined {
  if (guid.length === 0 || guid.length > 256 || guid.includes("\0")) return undefined;
  const parts = chatGuidParts(parseChatGuid(guid));
  return parts?.style === "direct" ? canonicalAddress(parts.identifier) : undefined;
}
