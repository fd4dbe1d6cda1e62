/** Names of the attributes that this project reads or writes; every other name is kept and ignored. */
export const ATTRIBUTE_KEY = {
  /** Integer: which bubble of the message the characters belong to, from 0. On every run. */
  messagePart: "__kIMMessagePartAttributeName",
  /** Integer, on every run of bodies composed on iOS: -1 natural, 0 left to right, 1 right to left. */
  baseWritingDirection: "__kIMBaseWritingDirectionAttributeName",
  /** String: attachment.guid, on a U+FFFC. Its `at_<n>_` says nothing certain about the part. */
  fileTransferGuid: "__kIMFileTransferGUIDAttributeName",
  /** String, beside the transfer guid: the name that the file was sent under. */
  filename: "__kIMFilenameAttributeName",
  /** Integer or real, beside the transfer guid: points of the picture in the transcript. */
  inlineMediaWidth: "__kIMInlineMediaWidthAttributeName",
  /** As inlineMediaWidth. */
  inlineMediaHeight: "__kIMInlineMediaHeightAttributeName",
  /** Integer 1, beside the transfer guid: the picture stands among the words like an emoji (Genmoji, sticker; macOS 15). */
  emojiImage: "__kIMEmojiImageAttributeName",
  /** String, on the U+FFFC of an audio message; may arrive long after it. */
  audioTranscript: "IMAudioTranscription",
  /** String: a handle; the characters are the visible name. */
  confirmedMention: "__kIMMentionConfirmedMention",
  /** NSURL, also `tel:`. */
  link: "__kIMLinkAttributeName",
  /** Boolean, beside the link: it has a preview. */
  linkIsRichLink: "__kIMLinkIsRichLinkAttributeName",
  /** Data, a keyed archive of a DDScannerResult: something that data detection found. */
  dataDetected: "__kIMDataDetectedAttributeName",
  /** As dataDetected, and a phone number. */
  phoneNumber: "__kIMPhoneNumberAttributeName",
  /** As dataDetected, and a postal address. */
  address: "__kIMAddressAttributeName",
  /** As dataDetected, and a date or time. */
  calendarEvent: "__kIMCalendarEventAttributeName",
  /** Dictionary with the strings `code` and `displayCode`. */
  oneTimeCode: "__kIMOneTimeCodeAttributeName",
  /** Number, 1 where it is set (macOS 15). */
  bold: "__kIMTextBoldAttributeName",
  /** As bold. */
  italic: "__kIMTextItalicAttributeName",
  /** As bold. */
  underline: "__kIMTextUnderlineAttributeName",
  /** As bold. */
  strikethrough: "__kIMTextStrikethroughAttributeName",
  /** Integer: 5 big, 11 small, 9 shake, 8 nod, 12 explode, 4 ripple, 6 bloom, 10 jitter. */
  textEffect: "__kIMTextEffectAttributeName",
  /** Whatever it holds: the place of an app's balloon. */
  pluginPayload: "__kIMPluginPayloadAttributeName",
  /** Whatever it holds: the characters are a heading that an app left in the transcript, nobody typed them. */
  breadcrumbTextMarker: "__kIMBreadcrumbTextMarkerAttributeName",
} as const;

/** The keys of the dictionary under {@link ATTRIBUTE_KEY.oneTimeCode}. */
export const ONE_TIME_CODE_KEY = { code: "code", displayCode: "displayCode" } as const;

/** Stands in the text where an attachment or a balloon sits: OBJECT REPLACEMENT CHARACTER. */
export const ATTACHMENT_SLOT = "\uFFFC";

/** Stands, alone, for an app's balloon in old rows: REPLACEMENT CHARACTER. */
export const OLD_BALLOON_SLOT = "\uFFFD";
