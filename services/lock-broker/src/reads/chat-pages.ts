import type { ChatSummary } from "../rows/rows.ts";
import { summaryBytes } from "./message-size.ts";
import { checkedPosition, markedPosition, type PageView } from "./page-view.ts";
import type { PageAnswer, PageRequest } from "./reader-protocol.ts";

/** Chats of a page. The list is sorted anew for each page, which costs more than the chats themselves. */
const PAGE_CHATS_MAX = 256;

/** A page of the list of chats. */
export function readChatList(view: PageView, request: PageRequest<"chat-list">): PageAnswer<"chat-list"> {
  const after = checkedPosition(view, request.after);
  const limit = Math.min(request.chatsMax, PAGE_CHATS_MAX);
  // One more than asked for tells whether there is a next page.
  const found = view.reader.listChats(
    limit + 1,
    after === undefined ? undefined : { lastMessageDate: after.date, chatRowid: after.rowid },
  );
  const chats: ChatSummary[] = [];
  let bytes = 0;
  let isFull = false;
  for (const summary of found.slice(0, limit)) {
    const size = summaryBytes(summary);
    isFull = bytes + size > request.bytesMax && !(request.isFirst && chats.length === 0);
    if (isFull) break;
    bytes += size;
    chats.push(summary);
  }
  const isEnd = chats.length === found.length;
  const last = chats.at(-1);
  const place = last === undefined ? request.after : { date: last.lastMessageDate, rowid: last.chat.rowid };
  return { chats, bytes, isFull, next: isEnd ? undefined : markedPosition(view, place) };
}
