/** `message.balloon_bundle_id`: which part of Messages, or which app, draws a balloon. */
export type BalloonBundle =
  /** A part of Messages itself. */
  | { readonly kind: "provider"; readonly id: string }
  /** An app's extension: `com.apple.messages.MSMessageExtensionBalloonPlugin:<team>:<extension>`. */
  | {
      readonly kind: "extension";
      readonly id: string;
      /** Ten characters, all 0 for Apple's own. Whoever sends the message writes it: it proves nothing. */
      readonly teamId: string;
      readonly extensionId: string;
    };

/** What a balloon is, as far as its bundle alone tells. */
export type BundleMeaning =
  | "link-preview"
  | "handwriting"
  | "digital-touch"
  | "chatbot"
  | "poll"
  | "apple-cash"
  | "business"
  | "check-in"
  | "find-my"
  | "photos"
  | "fitness"
  /** Any other app. */
  | "app"
  /** A part of Messages that is not known. */
  | "unknown";

const EXTENSION_PREFIX = "com.apple.messages.MSMessageExtensionBalloonPlugin:";

/** The bundle of Apple's polls as Messages writes it. */
export const POLL_BUNDLE_ID: string = `${EXTENSION_PREFIX}0000000000:com.apple.messages.Polls`;

const PROVIDERS: ReadonlyMap<string, BundleMeaning> = new Map([
  ["com.apple.messages.URLBalloonProvider", "link-preview"],
  ["com.apple.Handwriting.HandwritingProvider", "handwriting"],
  ["com.apple.DigitalTouchBalloonProvider", "digital-touch"],
  ["com.apple.messages.chatbot", "chatbot"],
]);

const EXTENSIONS: ReadonlyMap<string, BundleMeaning> = new Map([
  ["com.apple.messages.Polls", "poll"],
  ["com.apple.PassbookUIService.PeerPaymentMessagesExtension", "apple-cash"],
  ["com.apple.icloud.apps.messages.business.extension", "business"],
  ["com.apple.SafetyMonitorApp.SafetyMonitorMessages", "check-in"],
  ["com.apple.findmy.FindMyMessagesApp", "find-my"],
  ["com.apple.mobileslideshow.PhotosMessagesApp", "photos"],
  ["com.apple.ActivityMessagesApp.MessagesExtension", "fitness"],
]);

/** Takes a bundle id apart. Total: what is not an extension's is a provider's. */
export function parseBalloonBundle(id: string): BalloonBundle {
  const team = EXTENSION_PREFIX.length;
  const extension = id.startsWith(EXTENSION_PREFIX) ? id.indexOf(":", team) : -1;
  return extension < 0
    ? { kind: "provider", id }
    : { kind: "extension", id, teamId: id.slice(team, extension), extensionId: id.slice(extension + 1) };
}

/** What a balloon of the bundle is. Apple's extensions are known by their id, whatever the team says. */
export function meaningOfBundle(bundle: BalloonBundle): BundleMeaning {
  return bundle.kind === "provider"
    ? (PROVIDERS.get(bundle.id) ?? "unknown")
    : (EXTENSIONS.get(bundle.extensionId) ?? "app");
}
