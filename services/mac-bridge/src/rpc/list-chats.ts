import type { ChatListing, ListChatsRequest, ListChatsResponse } from "@imesh/contracts/bridge/v1";
import type { BrokerServiceService, ChatRow, ChatSummary } from "@imesh/contracts/broker/v1";
import { appleTimeToUnixNs, chatStyleOfColumn } from "@imesh/imessage-model";
import { type CallContext, type RpcClient, RpcError, unavailable } from "@imesh/rpc";
import type { ChatFacts } from "../journal/bridge-event.ts";
import { chatToWire } from "./event-wire.ts";
import { validPageSize } from "./request-validation.ts";
import { optionalTimestampOf } from "./timestamp.ts";

const PAGE = { default: 50, max: 500 } as const;
const RETRY_DELAY_MS = 1_000;

/** Asks lock-broker, whose page tokens pass through. Whatever it cannot answer is UNAVAILABLE, reason BROKER_UNAVAILABLE. */
export async function listChats(
  broker: RpcClient<BrokerServiceService>,
  request: ListChatsRequest,
  context: CallContext,
): Promise<ListChatsResponse> {
  const pageSize = validPageSize(request.pageSize, PAGE);
  try {
    const page = await broker.call(
      "listChats",
      { pageSize, pageToken: request.pageToken },
      { parent: context },
    );
    return { chats: page.chats.map(listingOf), nextPageToken: page.nextPageToken };
  } catch (error) {
    throw isCallers(error) ? error : brokerUnavailable(error);
  }
}

/** A wrong page token is the caller's fault, and a call that the caller gave up is the caller's end. */
function isCallers(error: unknown): boolean {
  return error instanceof RpcError && (error.code === "INVALID_ARGUMENT" || error.code === "CANCELLED");
}

function brokerUnavailable(cause: unknown): RpcError {
  return unavailable({
    reason: "BROKER_UNAVAILABLE",
    message: "Cannot list chats: lock-broker does not answer",
    retryDelayMs: RETRY_DELAY_MS,
    cause,
  });
}

function listingOf(summary: ChatSummary): ChatListing {
  return {
    chat: summary.chat === undefined ? undefined : chatToWire(chatFactsOf(summary.chat)),
    participants: summary.participants.map(({ address, service }) => ({ address, service })),
    lastMessageTime: optionalTimestampOf(appleTimeToUnixNs(summary.lastMessageDate)),
  };
}

function chatFactsOf(chat: ChatRow): ChatFacts {
  return {
    guid: chat.guid,
    style: chatStyleOfColumn(chat.style),
    identifier: chat.identifier,
    service: chat.serviceName ?? "",
    displayName: chat.displayName ?? "",
  };
}
