import type { BrokerServiceService } from "@imesh/contracts/broker/v1";
import { type ServiceImplementation, unary } from "@imesh/rpc";
import { type BrokerServicePorts, readCall } from "./broker-ports.ts";
import { encodePageToken, positionOf } from "./page-token.ts";
import { RequestFields } from "./request-fields.ts";
import { answered, chatNotFound } from "./wire-errors.ts";
import { toWireChatSummary } from "./wire-rows.ts";

/** broker.proto, ListChatsRequest.page_size. */
const PAGE = { sizeDefault: 50, sizeMax: 500 };

/** All chats are one listing. */
const CHATS = ["chats"] as const;

/** GetDatabase, ListChats, GetChat and ListAccounts. */
export function chatsRpc({
  questions,
  clock,
}: BrokerServicePorts): Pick<
  ServiceImplementation<typeof BrokerServiceService>,
  "getDatabase" | "listChats" | "getChat" | "listAccounts"
> {
  return {
    getDatabase: unary(async (_request, context) => {
      const described = await answered(questions.describe(readCall(context, clock)));
      const { identity, headRowid, messageColumns, clientVersion, sqliteVersion } = described;
      return {
        database: identity,
        headRowid,
        messageColumns: [...messageColumns],
        clientVersion,
        sqliteVersion,
      };
    }),
    listChats: unary(async ({ pageSize, pageToken }, context) => {
      const fields = new RequestFields();
      const chatsMax = fields.size("page_size", pageSize, PAGE);
      fields.check();
      const after = positionOf(pageToken, CHATS);
      const page = await answered(questions.listChats({ chatsMax, after }, readCall(context, clock)));
      return {
        chats: page.chats.map(toWireChatSummary),
        nextPageToken: page.next === undefined ? "" : encodePageToken(page.next, CHATS),
      };
    }),
    getChat: unary(async (request, context) => {
      const fields = new RequestFields();
      const guid = fields.name("guid", request.guid);
      fields.check();
      const chat = await answered(questions.chat(guid, readCall(context, clock)));
      if (chat === undefined) throw chatNotFound();
      return { chat: toWireChatSummary(chat) };
    }),
    listAccounts: unary(async (_request, context) => {
      const accounts = await answered(questions.accounts(readCall(context, clock)));
      return {
        accounts: accounts.map(({ login, addresses, services }) => ({
          login,
          addresses: [...addresses],
          services: [...services],
        })),
      };
    }),
  };
}
