import type { TypedStreamLimits } from "./typed-stream-limits.ts";

/**
 * What each part of the tree takes, in bytes: objects and arrays as V8 lays them out, rounded up. A view of bytes is by far
 * the dearest.
 */
export const TREE_PART_BYTES = {
  group: 96,
  value: 48,
  view: 256,
  object: 240,
  class: 96,
  oddForm: 384,
  typeCharacter: 32,
} as const;

/** A part of the tree, or of the encodings that it refers to. */
export type TreePart = keyof typeof TREE_PART_BYTES;

/**
 * Values take a byte or more, except `!`, empty structs and empty arrays: of those a hostile encoding could hold any number
 * behind a one-byte reference. Bodies come to about 20; the dearest byte that means something is an odd unsigned one in an array.
 */
const TREE_BYTES_PER_BYTE_MAX = 512;

/** What the tree of a stream of `byteLength` bytes may take. */
export function treeBytesMax(byteLength: number, limits: TypedStreamLimits): number {
  return Math.min(limits.memoryBytesMax, byteLength * TREE_BYTES_PER_BYTE_MAX);
}
