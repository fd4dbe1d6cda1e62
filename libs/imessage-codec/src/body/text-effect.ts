import type { TextEffectName } from "./message-body.ts";

/** Apple's numbers; 0 is none, and newer systems may have more. */
export const TEXT_EFFECT_NUMBER: Readonly<Record<TextEffectName, number>> = {
  ripple: 4,
  big: 5,
  bloom: 6,
  nod: 8,
  shake: 9,
  jitter: 10,
  small: 11,
  explode: 12,
};

const NAME_OF_NUMBER: ReadonlyMap<bigint, TextEffectName> = new Map(
  Object.entries(TEXT_EFFECT_NUMBER).map(([name, number]) => [BigInt(number), name as TextEffectName]),
);

/** Null for a number that has no name here. */
export function textEffectName(number: bigint): TextEffectName | null {
  return NAME_OF_NUMBER.get(number) ?? null;
}
