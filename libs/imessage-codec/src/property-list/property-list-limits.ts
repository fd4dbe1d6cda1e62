/**
 * Bounds for property lists, which a remote stranger may have written. Reaching one is a PropertyListError.
 */
export interface PropertyListLimits {
  readonly byteLengthMax: number;
  /** Objects that the trailer may announce. */
  readonly objectCountMax: number;
  /** Containers inside containers, on any path through the value. At most 65,534. */
  readonly depthMax: number;
}

/**
 * 1 MiB as for bodies: an edit's history holds bodies, a balloon's payload an icon of some 10 kB. An object
 * takes six bytes (itself, its offset, a reference to it), so 131,072 are as many as 1 MiB of small ones
 * holds. Histories nest 5 deep, a keyed archive 4.
 */
export const PROPERTY_LIST_LIMITS: PropertyListLimits = {
  byteLengthMax: 1024 * 1024,
  objectCountMax: 131_072,
  depthMax: 64,
};
