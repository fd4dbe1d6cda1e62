import type { ChangeView, WatchedTable } from "./change-reader.ts";
import type { AttachmentReason, ChangedRow, MessageReason, ToldChange } from "./changes.ts";
import { decideAttachment } from "./decide-attachment.ts";
import { decideChat } from "./decide-chat.ts";
import { decideMessage, isTold } from "./decide-message.ts";
import type { KnownAttachment } from "./known-rows.ts";
import type { Ledger } from "./ledger.ts";

/** What holds for all rows of a slice. */
export interface SliceMoment {
  readonly nowUnixMs: number;
  readonly settleDeadlineMs: number;
  /** The rows changed before we looked, not just now. */
  readonly isCaughtUp: boolean;
}

/** The chat of a row that waits may come after the row's join; more than this many never wait for one chat. */
const WAITING_ROWS_MAX = 256;

/** After these, the consumer has the message's attachments as they are now. */
const SHOWING: ReadonlySet<MessageReason> = new Set([
  "new",
  "unjoined",
  "joined",
  "recovered",
  "attachments",
]);

/**
 * Looks rows up and writes down what they tell: the working memory of one transaction of the ledger over one read transaction of
 * chat.db. Looking at a row twice tells nothing the second time.
 */
export class Slice {
  /** Changes found, in their order. */
  readonly told: ToldChange[] = [];
  /** Rows looked up. */
  rows = 0;
  /** Something was written to the ledger. */
  isWritten = false;
  readonly #ledger: Ledger;
  readonly #view: ChangeView;
  readonly #moment: SliceMoment;

  constructor(ledger: Ledger, view: ChangeView, moment: SliceMoment) {
    this.#ledger = ledger;
    this.#view = view;
    this.#moment = moment;
  }

  row(table: WatchedTable, rowid: bigint): void {
    switch (table) {
      case "chat":
        this.#chat(rowid);
        return;
      case "message":
        this.#message(rowid);
        return;
      case "attachment":
        this.#attachment(rowid, false);
    }
  }

  #chat(rowid: bigint): void {
    this.rows += 1;
    const { reader } = this.#view;
    const known = this.#ledger.chat(rowid);
    const seen = reader.chatPrint(rowid);
    const { reasons, keep } = decideChat(known, seen, { isBaseline: this.#isBaseline("chat", rowid) });
    if (keep !== known) this.#write(() => this.#ledger.putChat(known, keep));
    if (reasons.length > 0) {
      const guid = seen?.guid ?? known?.print.guid ?? "";
      const chat = seen === undefined ? undefined : reader.chat(rowid);
      const participants = seen === undefined ? [] : reader.participants(rowid);
      for (const reason of reasons) {
        const change = this.#append({ subject: "chat", reason, rowid, guid });
        if (change.subject === "chat") this.told.push({ change, chat, participants });
      }
    }
    if (known !== undefined || seen === undefined) return;
    // A row may be joined to a chat before there is one.
    for (const waiting of this.#ledger.waiting.newest(WAITING_ROWS_MAX)) this.#message(waiting);
  }

  #message(rowid: bigint): void {
    this.rows += 1;
    const known = this.#ledger.message(rowid);
    const seen = this.#view.reader.observe(rowid, known?.print);
    const { reasons, keep } = decideMessage(known, seen?.print, {
      nowUnixMs: this.#moment.nowUnixMs,
      settleDeadlineMs: this.#moment.settleDeadlineMs,
      isBaseline: this.#isBaseline("message", rowid),
    });
    if (keep !== known) this.#write(() => this.#ledger.putMessage(known, keep));
    if (reasons.length === 0) return;
    const guid = seen?.print.guid ?? known?.print.guid ?? "";
    const message = seen?.message();
    for (const reason of reasons) {
      const change = this.#append({ subject: "message", reason, rowid, guid });
      if (change.subject === "message") this.told.push({ change, message });
    }
    if (message === undefined || !reasons.some((reason) => SHOWING.has(reason))) return;
    for (const attachment of message.attachments) this.#attachment(attachment.rowid, true);
  }

  #attachment(rowid: bigint, isShown: boolean): void {
    this.rows += 1;
    const { reader } = this.#view;
    const seen = reader.attachmentPrint(rowid);
    let known = this.#ledger.attachment(rowid);
    let messages: readonly ChangedRow[] | undefined;
    const isBaseline = this.#isBaseline("attachment", rowid);
    if (seen !== undefined && known?.isTold !== true && !isShown && !isBaseline) {
      messages = reader.messagesOfAttachment(rowid);
      // A message that is told in this very look brings the attachment with it.
      for (const message of messages) this.#message(message.rowid);
      known = this.#ledger.attachment(rowid);
    }
    const isMessageTold = messages?.some((message) => this.#isMessageTold(message.rowid)) === true;
    const { reasons, keep } = decideAttachment(known, seen, { isMessageTold, isShown, isBaseline });
    if (keep !== known) this.#write(() => this.#ledger.putAttachment(known, keep));
    if (reasons.length === 0) return;
    this.#tellAttachment(rowid, reasons, { known, guid: seen?.guid });
  }

  #tellAttachment(
    rowid: bigint,
    reasons: readonly AttachmentReason[],
    named: { readonly known: KnownAttachment | undefined; readonly guid: string | undefined },
  ): void {
    const { reader } = this.#view;
    const guid = named.guid ?? named.known?.print.guid ?? "";
    const isGone = named.guid === undefined;
    const attachment = isGone ? undefined : reader.attachment(rowid);
    const messages = isGone ? [] : reader.messagesOfAttachment(rowid);
    for (const reason of reasons) {
      const change = this.#append({ subject: "attachment", reason, rowid, guid });
      if (change.subject === "attachment") this.told.push({ change, attachment, messages });
    }
  }

  #append(draft: Parameters<Ledger["log"]["append"]>[0]) {
    this.isWritten = true;
    return this.#ledger.log.append(draft, this.#ledger.store.generation, this.#moment.isCaughtUp);
  }

  #write(put: () => void): void {
    this.isWritten = true;
    put();
  }

  #isBaseline(table: WatchedTable, rowid: bigint): boolean {
    const heads = this.#ledger.store.scan.baseline;
    return heads !== undefined && rowid <= heads[table];
  }

  #isMessageTold(rowid: bigint): boolean {
    const stage = this.#ledger.messageStage(rowid);
    return stage !== undefined && isTold(stage);
  }
}
