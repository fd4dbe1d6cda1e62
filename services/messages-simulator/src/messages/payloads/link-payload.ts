import type { SeededRandom } from "../seeded-random.ts";
import { archivedInteger, archivedObject, archivedText, archivedUrl, archiveOf } from "./archived.ts";

/** `balloon_bundle_id` of a link's preview. */
export const LINK_BUNDLE_ID = "com.apple.messages.URLBalloonProvider";

const SUMMARY_UNITS = { short: [20, 400], long: [4_500, 20_000] } as const;

/**
 * What a page says of itself, as the Messages of the sender notes it; with `hasPicture`, of the first attachment of the row.
 * `longShare` of previews are longer than a page of the database, so that their rows need pages of their own for them.
 */
export function linkPayload(
  link: { readonly url: string; readonly hasPicture: boolean; readonly longShare: number },
  random: SeededRandom,
): Uint8Array {
  const [least, most] = random.next() < link.longShare ? SUMMARY_UNITS.long : SUMMARY_UNITS.short;
  const url = archivedUrl(link.url);
  const picture = archivedObject(
    "RichLinkImageAttachmentSubstitute",
    { richLinkImageAttachmentSubstituteIndex: archivedInteger(0n) },
    ["LPImage"],
  );
  const metadata = archivedObject("LPLinkMetadata", {
    originalURL: url,
    URL: url,
    title: archivedText(`Page ${random.integer(1, 1_000_000)}`),
    siteName: archivedText("Example"),
    summary: archivedText(words(random, random.integer(least, most))),
    image: link.hasPicture ? picture : undefined,
  });
  return archiveOf(
    archivedObject("RichLink", {
      richLinkIsPlaceholder: { kind: "boolean", value: false },
      richLinkMetadata: metadata,
    }),
  );
}

/** Words that a person could have written, cut at `units`. */
function words(random: SeededRandom, units: number): string {
  let text = "";
  while (text.length < units) text += `${random.integer(0, 0xffff_ffff).toString(36)} `;
  return text.slice(0, units);
}
