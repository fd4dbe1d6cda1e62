import { type ArchivedValue, encodeKeyedArchive } from "@imesh/imessage-codec";

/** `balloon_bundle_id` of one of Apple's extensions. */
export function appleExtension(id: string): string {
  return `com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:${id}`;
}

export const LINK_BUNDLE = "com.apple.messages.URLBalloonProvider";
export const POLL_BUNDLE: string = appleExtension("com.apple.messages.Polls");
export const CHECK_IN_BUNDLE: string = appleExtension("com.apple.SafetyMonitorApp.SafetyMonitorMessages");

/** Fields of an archived object; texts may be given plainly. */
export type Fields = Readonly<Record<string, ArchivedValue | string>>;

/** `payload_data` of a link with this metadata. */
export function linkPayload(metadata: Fields): Buffer {
  const link = { richLinkMetadata: archived("LPLinkMetadata", metadata) };
  return payloadOf(archived("RichLink", link));
}

/** `payload_data` of an app's message. */
export function appPayload(fields: Fields): Buffer {
  return payloadOf(dictionary(fields));
}

/** `payload_data` of a poll, or of votes for one: the item of its JSON. */
export function pollPayload(item: unknown): Buffer {
  const json = Buffer.from(JSON.stringify({ item, version: 1 })).toString("base64");
  return appPayload({ URL: url(`data:,${json}?src=p&c=2`) });
}

/** An NSURL. */
export function url(relative: string): ArchivedValue {
  return { kind: "url", relative, base: null };
}

/** A dictionary. */
export function dictionary(fields: Fields): ArchivedValue {
  return { kind: "dictionary", entries: new Map(entriesOf(fields)), otherEntries: [] };
}

/** An object of a class right below NSObject. */
export function archived(className: string, fields: Fields): ArchivedValue {
  return { kind: "object", className, superclassNames: ["NSObject"], fields: new Map(entriesOf(fields)) };
}

function entriesOf(fields: Fields): [string, ArchivedValue][] {
  return Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? { kind: "string", value } : value,
  ]);
}

function payloadOf(root: ArchivedValue): Buffer {
  return Buffer.from(encodeKeyedArchive(new Map([["root", root]])));
}
