import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type DecodedRow,
  decodeBody,
  decodeChatProperties,
  decodeMessageRow,
  decodePayload,
  decodeSummaryInfo,
  TypedStreamError,
  textOfVersion,
} from "@imesh/imessage-codec";
import type { MessageRow } from "@imesh/imessage-model";
import type { PlayedStep } from "./player.ts";
import { onStage } from "./testing/stage.ts";
import { readStoredRows } from "./testing/stored-rows.ts";

const SEEDS = [11n, 12n, 13n];

/** What the programs together must have written, in the words of the codec. */
const KINDS: readonly string[] = [
  "call",
  "group-change address-changed",
  "group-change background-changed",
  "group-change background-removed",
  "group-change name-removed",
  "group-change participant-added",
  "group-change participant-left",
  "group-change participant-removed",
  "group-change photo-changed",
  "group-change photo-removed",
  "group-change renamed",
  "kept-audio",
  "location-share",
  "message apple-cash",
  "message app",
  "message attachment",
  "message auto-reply",
  "message check-in",
  "message detected",
  "message digital-touch",
  "message edited",
  "message effect",
  "message effect-id",
  "message emoji-image",
  "message find-my",
  "message handwriting",
  "message link",
  "message link-preview",
  "message mention",
  "message of-another",
  "message one-time-code",
  "message poll",
  "message reply",
  "message style",
  "message subject",
  "message text-reaction",
  "message transcript",
  "poll-update",
  "poll-vote",
  "reaction added",
  "reaction placed-sticker",
  "reaction removed",
  "reaction sticker",
  "undecodable",
  "unsent",
];

const seen = new Set<string>();

for (const seed of SEEDS) {
  test(`what a program writes can be read, but for what is broken on purpose, seed ${seed}`, async () => {
    await onStage(async ({ play, mac, read }) => {
      const broken = new Set<bigint>();
      let sequence = 0n;
      const note = ({ label, lastChangeSequence }: PlayedStep) => {
        const told = mac.truth.after(sequence, 10_000);
        sequence = lastChangeSequence;
        if (label !== "compose broken") return;
        for (const { change } of told) if (change.reason === "new") broken.add(change.rowid);
      };
      const mixture = { hasDisturbances: true, hasReplacements: false };
      await play({ seed, steps: 1_500, ratePerSecond: 0, ...mixture }, note);
      const rows = readStoredRows(mac.paths.chatDb);
      assert.ok(rows.length > 200);
      for (const row of rows) {
        const isBroken = broken.has(row.rowid);
        assert.deepEqual(faultsOf(row), isBroken ? ["undecodable body"] : [], `message ${row.rowid}`);
        const decoded = decodeMessageRow(row);
        assert.equal(decoded.kind === "undecodable", isBroken, `message ${row.rowid}: ${decoded.kind}`);
        for (const word of wordsOf(decoded)) seen.add(word);
      }
      for (const [properties] of read("SELECT properties FROM chat WHERE properties IS NOT NULL") as [
        Buffer,
      ][]) {
        assert.deepEqual(decodeChatProperties(properties).faults, []);
      }
    });
  });
}

after(() => {
  assert.deepEqual(
    KINDS.filter((kind) => !seen.has(kind)),
    [],
    "every kind was written",
  );
  // A ghost row has nothing to draw.
  assert.deepEqual(
    [...seen].filter((kind) => kind.startsWith("unsupported") && kind !== "unsupported empty"),
    [],
  );
});

/** Everything in a row that cannot be read, or that two columns do not agree about. */
function faultsOf(row: MessageRow): readonly string[] {
  const faults: string[] = [];
  try {
    const body = row.attributedBody === null ? undefined : decodeBody(row.attributedBody);
    if (body !== undefined && row.text !== null && row.text !== body.text)
      faults.push("text and body differ");
    if (body !== undefined && body.unreadAttributes.length > 0)
      faults.push(`unread ${body.unreadAttributes}`);
  } catch (error) {
    if (!(error instanceof TypedStreamError)) throw error;
    faults.push("undecodable body");
  }
  const balloon = decodePayload(row);
  if (balloon?.kind === "undecodable" || balloon?.kind === "no-payload")
    faults.push(`balloon ${balloon.kind}`);
  if (row.messageSummaryInfo === null) return faults;
  const info = decodeSummaryInfo(row.messageSummaryInfo);
  faults.push(...info.faults.map(({ key }) => `summary info ${key}`));
  const versions = [...info.history.values()].flat();
  if (versions.some((version) => textOfVersion(version) === null)) faults.push("a version that says nothing");
  return faults;
}

/** What a row is, in words; of a message every thing that it has. */
function wordsOf(row: DecodedRow): readonly string[] {
  switch (row.kind) {
    case "group-change":
      return [`group-change ${row.change.kind}`];
    case "reaction":
      return [`reaction ${row.action}`, `reaction ${row.reaction}`];
    case "unsupported":
      return [`unsupported ${row.what}`];
    case "message": {
      const { entities, attachments } = row;
      const has = (name: string, is: boolean) => (is ? [name] : []);
      return [
        ...entities.map(({ kind }) => kind),
        ...has("attachment", attachments.length > 0),
        ...has(
          "emoji-image",
          attachments.some(({ description }) => description !== null),
        ),
        ...has(
          "transcript",
          attachments.some(({ transcript }) => transcript !== null),
        ),
        ...has(row.balloon?.kind ?? "", row.balloon !== null),
        ...has("auto-reply", row.isAutoReply),
        ...has("edited", row.isEdited),
        ...has("of-another", row.associatedGuid !== null),
        ...has("effect-id", row.effectId !== null),
        ...has("reply", row.reply !== null),
        ...has("subject", row.subject !== null),
        ...has("text-reaction", row.textReaction !== null),
      ].map((word) => `message ${word}`);
    }
    default:
      return [row.kind];
  }
}
