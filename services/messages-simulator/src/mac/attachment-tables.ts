import type { Database, Statement } from "better-sqlite3";

/** An attachment to insert. */
export interface NewAttachment {
  /** Permanent (`at_<part>_<message guid>`) or, while the transfer runs, a UUID of its own. */
  readonly guid: string;
  /** The first guid it had, which never changes. */
  readonly originalGuid: string;
  /** Seconds since 2001: this table has no nanoseconds. */
  readonly createdSeconds: bigint;
  readonly transferState: number;
  readonly transferName: string;
  readonly totalBytes: bigint;
  /** Null until the transfer starts. */
  readonly file: AttachmentFile | null;
  /** What makes it more than a file that a contact sent; absent for one. */
  readonly special?: SpecialAttachment;
}

/** Columns that an ordinary attachment leaves at their defaults. */
export interface SpecialAttachment {
  /** Sent by this account. */
  readonly isOutgoing?: boolean;
  readonly isSticker?: boolean;
  /** `sticker_user_info`: a property list. */
  readonly stickerInfo?: Uint8Array;
  /** `emoji_image_content_identifier` and `emoji_image_short_description` of a Genmoji. */
  readonly emoji?: { readonly identifier: string; readonly description: string };
}

/** Where the bytes are and what they are. */
export interface AttachmentFile {
  /** `~/Library/Messages/Attachments/…`, with the tilde. */
  readonly filename: string;
  readonly mimeType: string;
  readonly uti: string;
}

/** An attachment as an action has to know it. */
export interface AttachmentFacts {
  readonly rowid: bigint;
  readonly guid: string;
  readonly filename: string | null;
  readonly mimeType: string | null;
  readonly transferState: bigint;
  readonly transferName: string;
  readonly totalBytes: bigint;
  readonly userInfo: Uint8Array | null;
}

/** Attachments and their joins. Statements only: the transaction around a call is the caller's. */
export class AttachmentTables {
  readonly #insert: Statement;
  readonly #join: Statement;
  readonly #facts: Statement;
  readonly #byGuid: Statement;
  readonly #ofMessage: Statement;
  readonly #messagesOf: Statement;
  readonly #waitingForJoins: Statement;
  readonly #setFile: Statement;
  readonly #setState: Statement;
  readonly #setGuid: Statement;
  readonly #setUserInfo: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare(`
      INSERT INTO attachment (guid, original_guid, created_date, start_date, filename, uti, mime_type, transfer_state,
                              is_outgoing, transfer_name, total_bytes, is_sticker, sticker_user_info,
                              emoji_image_content_identifier, emoji_image_short_description)
      VALUES (@guid, @originalGuid, @createdSeconds, @createdSeconds, @filename, @uti, @mimeType, @transferState,
              @isOutgoing, @transferName, @totalBytes, @isSticker, @stickerInfo, @emojiIdentifier, @emojiDescription)`);
    this.#join = database.prepare(
      "INSERT INTO message_attachment_join (message_id, attachment_id) VALUES (?, ?)",
    );
    const columns = `a.ROWID AS rowid, a.guid, a.filename, a.mime_type AS mimeType, a.transfer_state AS transferState,
                     a.transfer_name AS transferName, a.total_bytes AS totalBytes, a.user_info AS userInfo`;
    this.#facts = database.prepare(`SELECT ${columns} FROM attachment a WHERE a.ROWID = ?`);
    this.#byGuid = database.prepare(`SELECT ${columns} FROM attachment a WHERE a.guid = ?`);
    this.#ofMessage = database.prepare(`
      SELECT ${columns} FROM message_attachment_join j JOIN attachment a ON a.ROWID = j.attachment_id
      WHERE j.message_id = ? ORDER BY a.ROWID`);
    this.#messagesOf = database
      .prepare("SELECT message_id FROM message_attachment_join WHERE attachment_id = ? ORDER BY message_id")
      .pluck();
    this.#waitingForJoins = database.prepare(`
      SELECT m.ROWID AS rowid, m.attributedBody FROM message m
      WHERE m.cache_has_attachments = 1 AND m.attributedBody IS NOT NULL AND m.ROWID > ?
        AND NOT EXISTS (SELECT 1 FROM message_attachment_join j WHERE j.message_id = m.ROWID)
      ORDER BY m.ROWID LIMIT ?`);
    this.#setFile = database.prepare(
      "UPDATE attachment SET filename = @filename, mime_type = @mimeType, uti = @uti WHERE ROWID = @rowid",
    );
    this.#setState = database.prepare("UPDATE attachment SET transfer_state = ? WHERE ROWID = ?");
    this.#setGuid = database.prepare("UPDATE attachment SET guid = ? WHERE ROWID = ?");
    this.#setUserInfo = database.prepare("UPDATE attachment SET user_info = ? WHERE ROWID = ?");
  }

  /** Inserts it alone and gives its ROWID. */
  insert({ file, special = {}, ...attachment }: NewAttachment): bigint {
    const { lastInsertRowid } = this.#insert.run({
      ...attachment,
      filename: file?.filename ?? null,
      mimeType: file?.mimeType ?? null,
      uti: file?.uti ?? null,
      isOutgoing: special.isOutgoing === true ? 1 : 0,
      isSticker: special.isSticker === true ? 1 : 0,
      stickerInfo: special.stickerInfo ?? null,
      emojiIdentifier: special.emoji?.identifier ?? null,
      emojiDescription: special.emoji?.description ?? null,
    });
    return BigInt(lastInsertRowid);
  }

  /** Gives it to a message; a trigger sets cache_has_attachments. */
  join(messageRowid: bigint, rowid: bigint): void {
    this.#join.run(messageRowid, rowid);
  }

  /** The attachment, whatever its state. */
  facts(rowid: bigint): AttachmentFacts | undefined {
    return this.#facts.get(rowid) as AttachmentFacts | undefined;
  }

  /** The attachment that has this guid now. */
  byGuid(guid: string): AttachmentFacts | undefined {
    return this.#byGuid.get(guid) as AttachmentFacts | undefined;
  }

  /** Attachments that are joined to a message, by ROWID. */
  ofMessage(messageRowid: bigint): readonly AttachmentFacts[] {
    return this.#ofMessage.all(messageRowid) as AttachmentFacts[];
  }

  /** Messages it is joined to, by ROWID. */
  messagesOf(rowid: bigint): readonly bigint[] {
    return this.#messagesOf.all(rowid) as bigint[];
  }

  /** Messages above `afterRowid` whose bodies have attachments and whose joins are missing, at most `limit`. */
  waitingForJoins(
    afterRowid: bigint,
    limit: number,
  ): readonly { readonly rowid: bigint; readonly attributedBody: Uint8Array }[] {
    return this.#waitingForJoins.all(afterRowid, limit) as { rowid: bigint; attributedBody: Uint8Array }[];
  }

  /** The transfer starts: name and kind of the file. */
  setFile(rowid: bigint, file: AttachmentFile): void {
    this.#setFile.run({ rowid, ...file });
  }

  /** Another `transfer_state`. */
  setState(rowid: bigint, transferState: number): void {
    this.#setState.run(transferState, rowid);
  }

  /** Another guid; `original_guid` stays. */
  setGuid(rowid: bigint, guid: string): void {
    this.#setGuid.run(guid, rowid);
  }

  /** `user_info`: a property list. */
  setUserInfo(rowid: bigint, userInfo: Uint8Array): void {
    this.#setUserInfo.run(userInfo, rowid);
  }
}
