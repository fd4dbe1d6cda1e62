import { type BrokerServiceService, type GetMessageRequest, SortOrder } from "@imesh/contracts/broker/v1";
import type { Timestamp } from "@imesh/contracts/google/protobuf/timestamp";
import { type ServiceImplementation, unary } from "@imesh/rpc";
import type { DateOrder, MessageName, MessageRange } from "../reads/reads.ts";
import { searchWords } from "../reads/search-words.ts";
import { type BrokerServicePorts, readCall } from "./broker-ports.ts";
import { encodePageToken, type ListingFields, positionOf } from "./page-token.ts";
import { RequestFields } from "./request-fields.ts";
import { answered, messageNotFound } from "./wire-errors.ts";
import { toMessageRow } from "./wire-rows.ts";
import { appleToTimestamp } from "./wire-time.ts";

/** broker.proto, ListMessagesRequest.page_size and SearchMessagesRequest.page_size. */
const LIST_PAGE = { sizeDefault: 50, sizeMax: 500 };
const SEARCH_PAGE = { sizeDefault: 20, sizeMax: 100 };

/** ListMessages, GetMessage and SearchMessages. */
export function messagesRpc({
  questions,
  clock,
}: BrokerServicePorts): Pick<
  ServiceImplementation<typeof BrokerServiceService>,
  "listMessages" | "getMessage" | "searchMessages"
> {
  return {
    listMessages: unary(async (request, context) => {
      const fields = new RequestFields();
      const range = rangeOf(fields, request);
      const order = orderOf(fields, request.order);
      const messagesMax = fields.size("page_size", request.pageSize, LIST_PAGE);
      fields.check();
      const listing: ListingFields = ["messages", ...rangeFields(range), order];
      const after = positionOf(request.pageToken, listing);
      const asked = { ...range, order, messagesMax, after };
      const page = await answered(questions.listMessages(asked, readCall(context, clock)));
      return {
        messages: page.messages.map((message) => toMessageRow(message)),
        nextPageToken: page.next === undefined ? "" : encodePageToken(page.next, listing),
      };
    }),
    getMessage: unary(async (request, context) => {
      const fields = new RequestFields();
      const name = nameOf(fields, request);
      fields.check();
      const message = await answered(questions.message(name, readCall(context, clock)));
      if (message === undefined) throw messageNotFound();
      return { message: toMessageRow(message) };
    }),
    searchMessages: unary(async (request, context) => {
      const fields = new RequestFields();
      const range = rangeOf(fields, request);
      const words = searchWords(request.query);
      if (words === undefined) {
        fields.violate("query", "must be 1 to 8 words separated by blanks, 256 UTF-16 code units in all");
      }
      const messagesMax = fields.size("page_size", request.pageSize, SEARCH_PAGE);
      fields.check();
      const listing: ListingFields = ["search", ...rangeFields(range), ...(words ?? [])];
      const after = positionOf(request.pageToken, listing);
      const asked = { ...range, words: words ?? [], messagesMax, after };
      const page = await answered(questions.search(asked, readCall(context, clock)));
      return {
        messages: page.messages.map((message) => toMessageRow(message)),
        nextPageToken: page.next === undefined ? "" : encodePageToken(page.next, listing),
        messagesSearched: page.searched,
        searchedThroughTime:
          page.searchedThroughDate === undefined ? undefined : appleToTimestamp(page.searchedThroughDate),
      };
    }),
  };
}

interface RangeRequest {
  readonly chatGuid: string;
  readonly startTime?: Timestamp | undefined;
  readonly endTime?: Timestamp | undefined;
}

function rangeOf(fields: RequestFields, request: RangeRequest): MessageRange {
  return {
    chatGuid: fields.optionalName("chat_guid", request.chatGuid),
    fromDate: fields.appleNs("start_time", request.startTime),
    untilDate: fields.appleNs("end_time", request.endTime),
  };
}

/** What a page token is tied to; its size may differ from page to page. */
function rangeFields({ chatGuid, fromDate, untilDate }: MessageRange): ListingFields {
  return [chatGuid, fromDate, untilDate];
}

function orderOf(fields: RequestFields, order: SortOrder): DateOrder {
  switch (order) {
    case SortOrder.UNSPECIFIED:
    case SortOrder.NEWEST_FIRST:
      return "newest-first";
    case SortOrder.OLDEST_FIRST:
      return "oldest-first";
    default:
      // A number from a later version of the schema.
      fields.violate("order", "must be a known order");
      return "newest-first";
  }
}

function nameOf(fields: RequestFields, { name }: GetMessageRequest): MessageName {
  if (name?.$case === "rowid") return { kind: "rowid", rowid: name.value };
  if (name === undefined) fields.violate("name", "must be a guid or a rowid");
  return { kind: "guid", guid: name === undefined ? "" : fields.name("guid", name.value) };
}
