/**
 * What is the same for one address on every service and in every notation: a mail address in lower case; of a number its digits, with the
 * `+` if it had one; anything else (short codes, names of senders, business ids) as it is. `tel:` and `mailto:` before it, white space
 * around it and what filters of SMS add behind it, such as `(smsft)`, do not count. Total, linear; the key of a key is the key. Personal
 * data, like the address.
 */
export function personKeyOf(address: string): string {
  // Before anything is taken off, so that no letter becomes part of a prefix or suffix afterwards.
  const bare = withoutTrimmings(address.includes("@") ? address.toLowerCase() : address);
  return bare.includes("@") ? bare : (numberIn(bare) ?? bare);
}

const PREFIX = /^(?:tel|mailto):/i;

/** `(smsft_rm)` is the longest that is known. */
const SUFFIX_LENGTH_MAX = 34;
const SUFFIX = /^\([a-z_]+\)$/i;

function withoutTrimmings(address: string): string {
  let bare = address.trim();
  for (;;) {
    const less = withoutOne(bare);
    // What is nothing but trimmings stays: an empty key would make one person of all of them.
    if (less === "" || less === bare) {
      return bare;
    }
    bare = less;
  }
}

function withoutOne(bare: string): string {
  const prefix = PREFIX.exec(bare);
  if (prefix !== null) {
    return bare.slice(prefix[0].length).trimStart();
  }
  if (!bare.endsWith(")")) {
    return bare;
  }
  const tail = bare.slice(-SUFFIX_LENGTH_MAX);
  const start = tail.lastIndexOf("(");
  const isSuffix = start >= 0 && SUFFIX.test(tail.slice(start));
  return isSuffix ? bare.slice(0, bare.length - tail.length + start).trimEnd() : bare;
}

// Spaces of every width, brackets, dots, slashes, dashes of every length, and the marks of writing direction that copying leaves behind.
const DECORATION = /[\s()[\]./\-\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]+/g;

function numberIn(bare: string): string | null {
  const plain = bare.replace(DECORATION, "");
  return /^\+?[0-9]+$/.test(plain) ? plain : null;
}
