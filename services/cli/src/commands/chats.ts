import { BridgeServiceClient, type ChatListing } from "@imesh/contracts/bridge/v1";
import { EXIT_CODES } from "@imesh/lifecycle";
import { connect } from "@imesh/rpc";
import { BRIDGE_FLAGS, bridgeTarget } from "../clients/targets.ts";
import { defineCommand, JSON_FLAG } from "../command.ts";
import { chatRecord, senderRecord } from "../events/chat-record.ts";
import { chatStyleWord } from "../events/event-words.ts";
import { unixNs } from "../events/unix-ns.ts";
import { withoutControls } from "../terminal/control-text.ts";
import { formatLocalTime, formatRfc3339 } from "../terminal/duration.ts";
import { cell, tableLines } from "../terminal/table.ts";

const PAGE_SIZE = 500;

/** `imesh chats`. */
export const chatsCommand = defineCommand({
  name: "chats",
  summary: "Lists the chats of the Mac, the one with the newest message first.",
  operands: [],
  flags: {
    limit: { type: "integer", min: 1, max: 1_000_000, default: 50, help: "Most chats listed" },
    ...BRIDGE_FLAGS,
    ...JSON_FLAG,
  },
  notes: ["The first column is what imesh send takes as CHAT_GUID. Times are local; in JSON they are UTC."],
  run: async ({ flags }, { output, clock, surroundings, environment }) => {
    await using bridge = connect(BridgeServiceClient, bridgeTarget(flags, surroundings), { clock });
    const listings: ChatListing[] = [];
    let pageToken = "";
    do {
      const pageSize = Math.min(PAGE_SIZE, flags.limit - listings.length);
      const page = await bridge.call("listChats", { pageSize, pageToken }, { signal: environment.stop });
      listings.push(...page.chats);
      pageToken = page.nextPageToken;
    } while (pageToken !== "" && listings.length < flags.limit);
    if (flags.json) {
      for (const listing of listings) output.json(listingRecord(listing));
      return EXIT_CODES.ok;
    }
    if (listings.length === 0) output.note("No chats.");
    for (const line of tableLines(listings.map(listingRow))) output.line(line);
    return EXIT_CODES.ok;
  },
});

function listingRecord({
  chat,
  participants,
  lastMessageTime,
}: ChatListing): Readonly<Record<string, unknown>> {
  return {
    ...(chat === undefined ? {} : chatRecord(chat)),
    participants: participants.map(senderRecord),
    lastMessageTime: formatRfc3339(unixNs(lastMessageTime)),
  };
}

function listingRow({ chat, participants, lastMessageTime }: ChatListing) {
  const addresses = participants.map((participant) => participant.address).join(", ");
  const at = unixNs(lastMessageTime);
  const name = chat?.displayName || addresses || chat?.identifier || "";
  return [
    cell(withoutControls(chat?.guid ?? "")),
    cell(chat === undefined ? "" : chatStyleWord(chat.style)),
    cell(withoutControls(chat?.service ?? "")),
    cell(at === undefined ? "never" : formatLocalTime(at)),
    cell(withoutControls(name)),
  ];
}
