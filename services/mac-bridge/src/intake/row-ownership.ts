import type { MessageRow } from "@imesh/imessage-model";

/**
 * Whether the row alone says that it is ours. In a chat with oneself Messages writes each message twice, once as sent and once
 * as received (docs/chat-db.md §6). The second names our own address as its sender: it is ours as well, or a bot would answer itself (I11).
 */
export function isOwnRow(row: MessageRow): boolean {
  return row.isFromMe || isFromOwnAddress(row);
}

function isFromOwnAddress(row: MessageRow): boolean {
  const address = row.sender?.address;
  if (address === undefined || address === "") return false;
  return (
    row.destinationCallerId === address || row.account === `E:${address}` || row.account === `P:${address}`
  );
}
