/** Makes bodies of what Messages writes, in which neighbours say the same, or nearly. */
import { type AttributeRun, extendRun, messageRun, type RunExtras } from "@imesh/imessage-codec";
import { parseAttachmentGuid, parseHandleAddress } from "@imesh/imessage-model";
import type { SeededRandom } from "@imesh/testing";

const ARCHIVES = [Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 4), Uint8Array.of(1)];
const DETECTIONS = ["phone-number", "address", "calendar-event", "data"] as const;
const STYLES = ["bold", "italic", "underline", "strikethrough"] as const;
const DIRECTIONS = ["natural", "left-to-right", "right-to-left"] as const;
const CHARACTERS = ["a", "b", "\uFFFC", "\uFFFC", "\uFFFD", " ", "\u6f22"];

/** A text with runs over it. */
export function randomMessage(random: SeededRandom): { text: string; runs: readonly AttributeRun[] } {
  const runs: AttributeRun[] = [];
  let part = 0;
  for (let count = random.integer(0, 8); count > 0; count -= 1) {
    const before = runs.at(-1);
    const length = random.integer(1, 3);
    part += random.chance(0.3) ? 1 : 0;
    runs.push(
      before !== undefined && random.chance(0.4)
        ? extendRun(before, length, extras(random))
        : messageRun(length, { part, ...extras(random) }),
    );
  }
  const length = runs.reduce((sum, run) => sum + run.length, 0);
  return { text: Array.from({ length }, () => random.pick(CHARACTERS)).join(""), runs };
}

function extras(random: SeededRandom): RunExtras {
  const one: readonly (() => RunExtras)[] = [
    () => ({}),
    () => ({ mention: parseHandleAddress(random.pick(["+15550100", "+15550199"])) }),
    () => ({ link: { url: random.pick(["https://a", "https://b"]), isRichLink: random.chance(0.5) } }),
    () => ({ detected: { what: random.pick(DETECTIONS), archive: random.pick(ARCHIVES) } }),
    () => ({ oneTimeCode: { code: random.pick(["1", "2"]), displayCode: random.pick(["1", "2"]) } }),
    () => ({ styles: STYLES.filter(() => random.chance(0.4)) }),
    () => ({ effect: random.integer(0, 13) }),
    () => ({ writingDirection: random.pick(DIRECTIONS) }),
    () => ({ isBreadcrumb: true }),
    () => ({
      attachmentGuid: parseAttachmentGuid(random.pick(["at_0", "at_1"])),
      isEmojiImage: random.chance(0.3),
      ...(random.chance(0.3)
        ? { fileName: "f.heic", inlineSize: { width: 1.5, height: 2n }, transcript: "t" }
        : {}),
    }),
  ];
  return { ...random.pick(one)(), ...random.pick(one)() };
}
