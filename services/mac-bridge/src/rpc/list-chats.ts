import type { ChatListing, ListChatsRequest, ListChatsResponse } from "@imesh/contracts/bridge/v1";
import type { BrokerServiceService, ChatSummary } from "@imesh/contracts/broker/v1";
import { personOf } from "@imesh/imessage-codec";
import { appleTimeToUnixNs } from "@imesh/imessage-model";
import { type CallContext, type RpcClient, RpcError, unavailable } from "@imesh/rpc";
import { chatFactsOf } from "../intake/chat-facts.ts";
import { chatOfWire, handleOfWire } from "../intake/row-of-wire.ts";
import { chatToWire, PARTICIPANTS_MAX } from "./chat-wire.ts";
import { EventRoom } from "./event-room.ts";
import { personToWire } from "./person-wire.ts";
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
  const room = new EventRoom();
  return {
    chat: summary.chat === undefined ? undefined : chatToWire(chatFactsOf(chatOfWire(summary.chat)), room),
    participants: room.list(summary.participants, PARTICIPANTS_MAX, (handle) => {
      const person = personOf(handleOfWire(handle));
      return person === null ? undefined : personToWire(person, room);
    }),
    lastMessageTime: optionalTimestampOf(appleTimeToUnixNs(summary.lastMessageDate)),
  };
}
