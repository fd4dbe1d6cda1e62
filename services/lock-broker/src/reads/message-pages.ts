import type { MessagePosition, MessageWalk, MessageWalkStep, StoredMessage } from "../rows/rows.ts";
import { fitMessage, messageBytes } from "./message-size.ts";
import { PAGE_ROWS_MAX } from "./page-budget.ts";
import { checkedPosition, markedPosition, type PageView } from "./page-view.ts";
import type { PageAnswer, PageRequest } from "./reader-protocol.ts";
import { type MessageRange, ReadRefusal } from "./reads.ts";

/** Places looked up at once; the messages themselves are read one by one, with a look at the clock after each. */
const STEP_PLACES_MAX = 64;

/** A walk but for its order and where it stands. */
type WalkRange = Pick<MessageWalk, "chatRowid" | "fromDate" | "untilDate">;

/** A page of a list of messages. */
export function readMessageList(
  view: PageView,
  request: PageRequest<"message-list">,
): PageAnswer<"message-list"> {
  const range = { ...walkRange(view, request), order: request.order };
  const rowsMax = Math.min(request.messagesMax, PAGE_ROWS_MAX);
  const basket = new MessageBasket(request.bytesMax, request.isFirst);
  const isOver = () => basket.isFull || basket.messages.length >= rowsMax || view.budget.isSpent;
  let next: MessagePosition | undefined = checkedPosition(view, request.after);
  do {
    const limit = Math.min(STEP_PLACES_MAX, rowsMax - basket.messages.length);
    const step = view.reader.messagesByDate({ ...range, after: next, limit });
    next = walkThrough(step, next, (place) => {
      const message = view.reader.message(place.rowid);
      // Of a message that is gone a join may be left.
      const isTaken = message === undefined || basket.add(message);
      return { isTaken, isOver: isOver() };
    });
  } while (next !== undefined && !isOver());
  const { messages, bytes, isFull } = basket;
  if (
    next !== undefined &&
    messages.length >= request.messagesMax &&
    isAtEnd(view, { ...range, after: next })
  ) {
    next = undefined;
  }
  return { messages, bytes, isFull, next: markedPosition(view, next) };
}

/** Whether nothing is left: whoever has all he asked for is then not sent for an empty page. */
function isAtEnd(view: PageView, walk: Omit<MessageWalk, "limit">): boolean {
  const { entries, next } = view.reader.messagesByDate({ ...walk, limit: 1 });
  return entries.length === 0 && next === undefined;
}

/**
 * Takes a step's entries one by one until `take` does not take one or says that the page is over. Returns where to go on: after the
 * last one taken; undefined when that was the end of the walk. (An answer's first entry is always taken, so that a walk that
 * has not begun does not look like one that ended.)
 */
export function walkThrough<Entry extends MessagePosition>(
  step: MessageWalkStep<Entry>,
  from: MessagePosition | undefined,
  take: (entry: Entry) => { readonly isTaken: boolean; readonly isOver: boolean },
): MessagePosition | undefined {
  let at = from;
  for (const entry of step.entries) {
    const { isTaken, isOver } = take(entry);
    if (!isTaken) return at;
    at = entry;
    if (isOver) break;
  }
  return at === from || at === step.entries.at(-1) ? step.next : at;
}

/** What a range of messages is in this database. Throws ReadRefusal "chat-not-found". */
export function walkRange(view: PageView, range: MessageRange): WalkRange {
  const { chatGuid, fromDate, untilDate } = range;
  if (chatGuid === undefined) return { chatRowid: undefined, fromDate, untilDate };
  const found = view.reader.chatByGuid(chatGuid);
  if (found === undefined) throw new ReadRefusal("chat-not-found");
  return { chatRowid: found.chat.rowid, fromDate, untilDate };
}

/** Messages for an answer, as many as it may hold. */
export class MessageBasket {
  readonly messages: StoredMessage[] = [];
  readonly #bytesMax: number;
  readonly #isFirst: boolean;
  #bytes = 0;
  #isFull = false;

  /** `isFirst`: the answer is empty so far, so that one message is taken whatever its size. */
  constructor(bytesMax: number, isFirst: boolean) {
    this.#bytesMax = bytesMax;
    this.#isFirst = isFirst;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A message did not fit; the answer ends before it. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes the message, or returns false when it is too much. */
  add(message: StoredMessage): boolean {
    if (this.#isFull) return false;
    const bytes = messageBytes(message);
    const isTaken = this.#bytes + bytes <= this.#bytesMax;
    if (!isTaken && !(this.#isFirst && this.messages.length === 0)) {
      this.#isFull = true;
      return false;
    }
    this.messages.push(isTaken ? message : fitMessage(message, this.#bytesMax));
    this.#bytes += Math.min(bytes, this.#bytesMax);
    return true;
  }
}
