import { ATTACHMENT_SLOT, decodePayload, encodeAttributedBody } from "@imesh/imessage-codec";
import { appleTimeToUnixNs } from "@imesh/imessage-model";
import type { MessageFacts } from "../../mac/message-change-tables.ts";
import { APP_BUNDLE_ID, type AppKind, appPayload } from "../payloads/app-payload.ts";
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
import { actorIn } from "./people.ts";
import { placeOf } from "./places.ts";
import type { AppAct } from "./shapes.ts";

/** associated_message_type of the next step of an app's message. */
const TYPE_UPDATE = 2;
const CAPTION_UNITS_MAX = 1_000;
const NS_PER_S = 1_000_000_000n;

/** An app's balloon: a row with nothing but its place in the body, and what the app says in the payload. */
export async function sayApp(order: AppAct, ports: ActPorts): Promise<TouchedMessages> {
  if (order.caption === "" || order.caption.length > CAPTION_UNITS_MAX) {
    throw new OrderRefusedError("caption", `must have 1 to ${CAPTION_UNITS_MAX} UTF-16 code units`);
  }
  if (order.replacedRowid !== 0n) return await sayNextStep(order, ports);
  const place = placeOf(order, ports);
  const session = ports.random.uuid().toUpperCase();
  const payload = payloadOf(order, session, ports);
  const special = { balloonBundleId: APP_BUNDLE_ID[order.app], payload, partCount: 1 };
  return [await writeActorRow({ ...place.make(), ...slotBody(), special }, ports)];
}

async function sayNextStep(order: AppAct, ports: ActPorts): Promise<TouchedMessages> {
  const { database, account } = ports.writer;
  const balloonBundleId = APP_BUNDLE_ID[order.app];
  const replaced = writtenMessage(database.tables, order.replacedRowid);
  demand(replaced.balloonBundleId === balloonBundleId, "the message is not of that app");
  const session = sessionOf(replaced);
  demand(session !== undefined, "the app's messages have no next step");
  const chat = database.tables.chats.findChat(replaced.chat.guid);
  if (chat === undefined) throw new NotThereError("chat");
  const actor = actorIn(database.tables, chat.rowid, order.from, account);
  const payload = payloadOf(order, session, ports);
  const association = { associatedGuid: replaced.guid, associatedType: TYPE_UPDATE };
  const special = { ...association, balloonBundleId, payload, partCount: 1 };
  return [await writeActorRow({ chat, actor, ...slotBody(), special }, ports)];
}

/** The columns of a row whose only words are the place of a balloon. */
export function slotBody(): { readonly text: null; readonly attributedBody: Uint8Array } {
  return { text: null, attributedBody: encodeAttributedBody({ text: ATTACHMENT_SLOT, style: "ios" }) };
}

/** What the messages of one game or poll have in common; undefined where a payload says nothing of it. */
export function sessionOf({ balloonBundleId, payload }: MessageFacts): string | undefined {
  const balloon = decodePayload({ balloonBundleId, payloadData: payload, associatedMessageType: null });
  return (balloon !== null && "app" in balloon ? balloon.app.sessionIdentifier : null) ?? undefined;
}

function payloadOf(
  { app, caption }: { readonly app: AppKind; readonly caption: string },
  session: string,
  ports: ActPorts,
): Uint8Array {
  const nowUnixNs = appleTimeToUnixNs(appleNow(ports)) ?? 0n;
  return appPayload({ app, caption, session, atUnixSeconds: Number(nowUnixNs / NS_PER_S) }, ports.random);
}
