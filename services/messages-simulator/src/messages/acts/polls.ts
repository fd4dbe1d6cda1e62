import { decodePayload, type Poll } from "@imesh/imessage-codec";
import type { StoredChat } from "../../mac/chat-tables.ts";
import type { MessageFacts } from "../../mac/message-change-tables.ts";
import { POLL_BUNDLE_ID, type PollFacts, pollPayload, votesPayload } from "../payloads/poll-payload.ts";
import { OrderRefusedError } from "../say-order.ts";
import {
  type ActPorts,
  appleNow,
  demand,
  NotThereError,
  type TouchedMessages,
  writtenMessage,
} from "./act.ts";
import { writeActorRow } from "./actor-rows.ts";
import { sessionOf, slotBody } from "./apps.ts";
import { type Actor, actorIn } from "./people.ts";
import { placeOf } from "./places.ts";
import type { PollAct, PollOptionAct, PollVoteAct } from "./shapes.ts";

/** associated_message_type of a poll with an option more, and of votes. */
const TYPE_UPDATE = 2;
const TYPE_VOTE = 4_000;

/** Messages takes twelve. */
const OPTIONS_MAX = 12;
const TEXT_UNITS_MAX = 1_000;
const NS_PER_S = 1e9;

/** A poll: a balloon whose payload has the question and the options (docs/chat-db.md §9). */
export async function createPoll(order: PollAct, ports: ActPorts): Promise<TouchedMessages> {
  if (order.title.length > TEXT_UNITS_MAX) throw tooLong("title");
  if (order.options.length === 0 || order.options.length > OPTIONS_MAX) {
    throw new OrderRefusedError("options", `must be 1 to ${OPTIONS_MAX}`);
  }
  for (const text of order.options) checkOption(text, "options");
  const place = placeOf(order, ports);
  const creator = order.from === "" ? ports.writer.account.address : order.from;
  const options = order.options.map((text) => ({ identifier: uuid(ports), text, creator }));
  const poll = { title: order.title, creator, session: uuid(ports), options };
  const payload = pollPayload(poll, ports.random);
  const special = { balloonBundleId: POLL_BUNDLE_ID, payload, partCount: 1 };
  return [await writeActorRow({ ...place.make(), ...slotBody(), special }, ports)];
}

/** The whole poll again, with an option more, in a row of its own. */
export async function addPollOption(order: PollOptionAct, ports: ActPorts): Promise<TouchedMessages> {
  checkOption(order.text, "text");
  const { message, poll, chat, actor, person } = pollIn(order, ports);
  demand(poll.options.length < OPTIONS_MAX, "the poll is full");
  const options = [...poll.options, { identifier: uuid(ports), text: order.text, creator: person }];
  const payload = pollPayload({ ...poll, options }, ports.random);
  const association = { associatedGuid: message.guid, associatedType: TYPE_UPDATE };
  const special = { ...association, balloonBundleId: POLL_BUNDLE_ID, payload, partCount: 1 };
  return [await writeActorRow({ chat, actor, ...slotBody(), special }, ports)];
}

/** All votes of one person, in a row of their own; they take the place of that person's former ones. */
export async function votePoll(order: PollVoteAct, ports: ActPorts): Promise<TouchedMessages> {
  const { message, poll, chat, actor, person } = pollIn(order, ports);
  const identifiers = [...new Set(order.options)].map((place) => {
    const option = poll.options[place];
    demand(option !== undefined, "the poll has no such option");
    return option.identifier;
  });
  const atSeconds = Number(appleNow(ports)) / NS_PER_S;
  const { session } = poll;
  const payload = votesPayload({ session, participant: person, identifiers, atSeconds }, ports.random);
  const association = { associatedGuid: message.guid, associatedType: TYPE_VOTE };
  const special = { ...association, balloonBundleId: POLL_BUNDLE_ID, payload };
  return [await writeActorRow({ chat, actor, text: null, attributedBody: null, special }, ports)];
}

function pollIn({ rowid, from }: { rowid: bigint; from: string }, { writer }: ActPorts) {
  const { tables } = writer.database;
  const message = writtenMessage(tables, rowid);
  demand(message.balloonBundleId === POLL_BUNDLE_ID, "the message is no poll");
  const chat = tables.chats.findChat(message.chat.guid) as StoredChat;
  const actor: Actor = actorIn(tables, chat.rowid, from, writer.account);
  const latest = tables.changes.latestPayload(message.guid, TYPE_UPDATE) ?? message.payload;
  const person = from === "" ? writer.account.address : from;
  return { message, poll: pollFacts(message, latest), chat, actor, person };
}

function pollFacts(message: MessageFacts, payloadData: Uint8Array | null): PollFacts {
  const { balloonBundleId } = message;
  const balloon = decodePayload({ balloonBundleId, payloadData, associatedMessageType: null });
  const poll: Poll | undefined = balloon?.kind === "poll" ? balloon.poll : undefined;
  const session = sessionOf(message);
  if (poll === undefined || session === undefined) throw new NotThereError("message");
  const creator = poll.creatorHandle ?? "";
  const options = poll.options.map((option) => ({ ...option, creator: option.creatorHandle ?? creator }));
  return { title: poll.title, creator, session, options };
}

function checkOption(text: string, field: string): void {
  if (text === "" || text.length > TEXT_UNITS_MAX) throw tooLong(field);
}

function tooLong(field: string): OrderRefusedError {
  return new OrderRefusedError(
    field,
    `must have at most ${TEXT_UNITS_MAX} UTF-16 code units, and options at least 1`,
  );
}

function uuid({ random }: ActPorts): string {
  return random.uuid().toUpperCase();
}
