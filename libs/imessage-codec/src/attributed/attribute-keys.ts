/** Names of the attributes that this project reads or writes; every other name is kept and ignored. */
export const ATTRIBUTE_KEY = {
  /** Integer: which bubble of the message the characters belong to, from 0. On every run. */
  messagePart: "__kIMMessagePartAttributeName",
  /** Integer, on every run of bodies composed on iOS: -1 natural. */
  baseWritingDirection: "__kIMBaseWritingDirectionAttributeName",
  /** String: attachment.guid, on a U+FFFC. Its `at_<n>_` says nothing certain about the part. */
  fileTransferGuid: "__kIMFileTransferGUIDAttributeName",
  /** String: a handle; the characters are the visible name. */
  confirmedMention: "__kIMMentionConfirmedMention",
} as const;

/** Stands in the text where an attachment or a balloon sits: OBJECT REPLACEMENT CHARACTER. */
export const ATTACHMENT_SLOT = "\uFFFC";
