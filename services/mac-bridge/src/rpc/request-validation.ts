import type { SendMessageRequest, SubscribeRequest } from "@imesh/contracts/bridge/v1";
import { type ChatGuid, parseChatGuid, parseRequestId, type RequestId } from "@imesh/imessage-model";
import { type FieldViolation, invalidArgument } from "@imesh/rpc";

const CONSUMER = /^[a-z0-9._-]{1,64}$/;
/** Printable ASCII without the blank. */
const REQUEST_ID = /^[!-~]{1,128}$/;
const CHAT_GUID_LENGTH_MAX = 512;
const TEXT_LENGTH_MAX = 20_000;

/** A row of blanks is an empty one to Messages, so that no row could prove that it was sent. U+FFFC stands for an attachment. */
const WORDS = /[^\s\uFFFC]/;

const BATCH_SIZE_DEFAULT = 64;
const BATCH_SIZE_MAX = 256;

/** Where a subscription wants to start. */
export interface ValidSubscribe {
  readonly consumer: string;
  /** Null: only what comes from now on. */
  readonly afterSequence: bigint | null;
  /** Null: any. */
  readonly journalId: string | null;
  /** 1..256. */
  readonly batchItemsMax: number;
}

/** What is to be sent, and where. */
export interface ValidSend {
  readonly requestId: RequestId;
  readonly chatGuid: ChatGuid;
  readonly text: string;
}

/** Throws INVALID_ARGUMENT that names every wrong field. */
export function validSubscribe(request: SubscribeRequest): ValidSubscribe {
  const { consumer, start, journalId, maxBatchSize } = request;
  refuse([
    [CONSUMER.test(consumer), "consumer", "must be 1 to 64 of a-z 0-9 . - _"],
    [maxBatchSize >= 0, "max_batch_size", "must not be negative"],
    [start?.$case !== "fromHead" || start.value, "from_head", "must be true where it is given"],
  ]);
  return {
    consumer,
    afterSequence: start?.$case === "afterSequence" ? start.value : null,
    journalId: journalId === "" ? null : journalId,
    batchItemsMax: maxBatchSize === 0 ? BATCH_SIZE_DEFAULT : Math.min(maxBatchSize, BATCH_SIZE_MAX),
  };
}

/** Throws INVALID_ARGUMENT that names every wrong field, and no value: both hold what people wrote. */
export function validSend(request: SendMessageRequest): ValidSend {
  const { requestId, chatGuid, text } = request;
  const isChatGuid =
    chatGuid.length > 0 && chatGuid.length <= CHAT_GUID_LENGTH_MAX && !chatGuid.includes("\0");
  refuse([
    [REQUEST_ID.test(requestId), "request_id", "must be 1 to 128 printable ASCII characters without spaces"],
    [isChatGuid, "chat_guid", `must be the guid of a chat (1 to ${CHAT_GUID_LENGTH_MAX} characters, no NUL)`],
    [
      text.length > 0 && text.length <= TEXT_LENGTH_MAX,
      "text",
      `must be 1 to ${TEXT_LENGTH_MAX} UTF-16 code units`,
    ],
    [!text.includes("\0"), "text", "must not contain NUL"],
    [
      text.length === 0 || WORDS.test(text),
      "text",
      "must have more than white space: Messages sends no blank message",
    ],
  ]);
  return { requestId: parseRequestId(requestId), chatGuid: parseChatGuid(chatGuid), text };
}

/** The key of a command that is asked for. Throws INVALID_ARGUMENT. */
export function validRequestId(requestId: string): RequestId {
  refuse([
    [REQUEST_ID.test(requestId), "request_id", "must be 1 to 128 printable ASCII characters without spaces"],
  ]);
  return parseRequestId(requestId);
}

/** How many items a page has: 0 is the default, more than the most counts as the most. Throws INVALID_ARGUMENT. */
export function validPageSize(
  pageSize: number,
  bounds: { readonly default: number; readonly max: number },
): number {
  refuse([[pageSize >= 0, "page_size", "must not be negative"]]);
  return pageSize === 0 ? bounds.default : Math.min(pageSize, bounds.max);
}

type Check = readonly [isMet: boolean, field: string, description: string];

function refuse(checks: readonly Check[]): void {
  const [first, ...rest]: FieldViolation[] = checks
    .filter(([isMet]) => !isMet)
    .map(([, field, description]) => ({ field, description }));
  if (first !== undefined) throw invalidArgument([first, ...rest]);
}
