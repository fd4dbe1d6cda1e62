/** Frames of the first read after a poll found one, 66 KB: most transactions have no more, and pages of one read need no copy. */
export const FIRST_FRAMES = 16;

/** Frames before a place that are read once more when capture goes on there, for what their pages hold (4 MB). */
export const WARM_FRAMES = 1_024;

/**
 * A transaction without its end that is no longer than this is read anew at each look (some 20 µs): its writer is at it, or
 * died. Longer ones are held, and looked at for growth.
 */
export const REREAD_FRAMES_MAX = 16;

/** A held transaction that did not grow for so many looks is read anew, and then after twice as many. */
export const STALLED_LOOKS_MIN = 64;

/** So many looks a header may be unreadable (it is being written, which takes microseconds) before it is a fault. */
export const BAD_HEADER_LOOKS_MAX = 50;
