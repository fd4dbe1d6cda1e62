/**
 * One attachment as stored. Names and paths are personal data. Dates are as stored: seconds or nanoseconds since 2001
 * (appleTimeToUnixNs reads both).
 */
export interface AttachmentRef {
  /** `attachment.ROWID`. */
  readonly rowid: bigint;
  /** Not yet parsed; a temporary one at first. */
  readonly guid: string;
  /** The first guid. */
  readonly originalGuid: string | null;
  /** Usually starts with `~/Library/Messages/Attachments/`; null until the transfer begins. */
  readonly filename: string | null;
  /** The name it was sent under. */
  readonly transferName: string | null;
  readonly mimeType: string | null;
  /** Uniform Type Identifier. */
  readonly uti: string | null;
  readonly totalBytes: bigint;
  /** -1 archived, 0 waiting … 5 finished, 6 error, 7 recoverable error. */
  readonly transferState: number;
  readonly createdDate: bigint;
  readonly isOutgoing: boolean;
  readonly isSticker: boolean;
  /** Not shown. */
  readonly hideAttachment: boolean;
  /** A property list (transcript, keys), unread; null also when larger than 64 KiB, as the two after it. */
  readonly userInfo: Uint8Array | null;
  readonly stickerUserInfo: Uint8Array | null;
  readonly attributionInfo: Uint8Array | null;
  /** What a Genmoji shows, in words. */
  readonly emojiImageShortDescription: string | null;
}
