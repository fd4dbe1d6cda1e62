import { BrokerServiceService } from "@imesh/contracts/broker/v1";
import { type RpcService, rpcService } from "@imesh/rpc";
import { attachmentRpc } from "./attachment-rpc.ts";
import type { BrokerServicePorts } from "./broker-ports.ts";
import { chatsRpc } from "./chats-rpc.ts";
import { messagesRpc } from "./messages-rpc.ts";
import { statisticsRpc } from "./statistics-rpc.ts";
import { tailRpc } from "./tail-rpc.ts";

/** imesh.broker.v1.BrokerService: the wire on one side, the parts of the broker on the other, nothing else. */
export function brokerService(ports: BrokerServicePorts): RpcService {
  return rpcService(BrokerServiceService, {
    ...tailRpc(ports),
    ...chatsRpc(ports),
    ...messagesRpc(ports),
    ...attachmentRpc(ports),
    ...statisticsRpc(ports),
  });
}
