import { decodeAttributedBody, TypedStreamError } from "@imesh/imessage-codec";
import type { MessagePosition, MessageText } from "../rows/rows.ts";
import { MessageBasket, walkRange, walkThrough } from "./message-pages.ts";
import { checkedPosition, markedPosition, type PageView } from "./page-view.ts";
import type { PageAnswer, PageRequest } from "./reader-protocol.ts";
import { holdsWords } from "./search-words.ts";

/** Rows of a page: some 10 µs each where the body has to be decoded, so the clock usually ends a page. */
const PAGE_SEARCHED_MAX = 1_000;

/** Rows between two looks at the clock. */
const STEP_ROWS_MAX = 32;

/** A page of a search: looks at texts, newest first, and reads whole what holds the words. */
export function readSearch(view: PageView, request: PageRequest<"search">): PageAnswer<"search"> {
  const range = { ...walkRange(view, request), order: "newest-first" } as const;
  const searchedMax = Math.min(request.searchedMax, PAGE_SEARCHED_MAX);
  const basket = new MessageBasket(request.bytesMax, request.isFirst);
  let next: MessagePosition | undefined = checkedPosition(view, request.after);
  let searched = 0;
  let searchedThroughDate: bigint | undefined;
  const isOver = () =>
    basket.isFull ||
    basket.messages.length >= request.messagesMax ||
    searched >= searchedMax ||
    view.budget.isSpent;
  do {
    const step = view.reader.messageTextsByDate({ ...range, after: next, limit: STEP_ROWS_MAX });
    next = walkThrough(step, next, (text) => {
      const message = holds(text, request.words) ? view.reader.message(text.rowid) : undefined;
      const isTaken = message === undefined || basket.add(message);
      if (isTaken) {
        searched += 1;
        searchedThroughDate = text.date;
      }
      return { isTaken, isOver: isOver() };
    });
  } while (next !== undefined && !isOver());
  const { messages, bytes, isFull } = basket;
  return { messages, bytes, isFull, next: markedPosition(view, next), searched, searchedThroughDate };
}

function holds({ text, attributedBody }: MessageText, words: readonly string[]): boolean {
  if (text !== undefined && text !== "") return holdsWords(text, words);
  if (attributedBody === undefined) return false;
  try {
    return holdsWords(decodeAttributedBody(attributedBody).text, words);
  } catch (error) {
    // A body that nobody can read holds no words (I9); mac-bridge tells about it when it streams the row.
    if (error instanceof TypedStreamError) return false;
    throw error;
  }
}
