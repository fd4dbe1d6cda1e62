import type { MessageRow, RowBatch } from "@imesh/contracts/broker/v1";
import {
  type AttributeRun,
  encodeAttributedBody,
  encodePropertyList,
  messageRun,
  type PropertyListLiteral,
  propertyListOf,
} from "@imesh/imessage-codec";
import { parseAttachmentGuid } from "@imesh/imessage-model";
import type { SeededRandom } from "@imesh/testing";
import { appPayload, archived, LINK_BUNDLE, linkPayload, POLL_BUNDLE, pollPayload, url } from "./payloads.ts";
import { wireAttachment, wireChat, wireHandle, wireRow } from "./rows.ts";

/** Batches of any changes, honest and damaged, whose rows have few ROWIDs. */
export class RandomBatches {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  next(): Partial<RowBatch> {
    const random = this.#random;
    const count = () => random.integer(0, 3);
    let sequence = 0n;
    const next = () => {
      sequence += 1n;
      return sequence;
    };
    return {
      rows: Array.from({ length: random.integer(1, 4) }, () => this.#row(next())),
      chatChanges: Array.from({ length: count() }, () => ({
        sequence: next(),
        reason: random.integer(0, 9) as never,
        chat: random.chance(0.1) ? undefined : this.#chat(),
        participants: Array.from({ length: count() }, () => wireHandle(this.#text())),
      })),
      attachmentChanges: Array.from({ length: count() }, () => ({
        sequence: next(),
        reason: random.integer(0, 8) as never,
        attachment: random.chance(0.1) ? undefined : this.#attachment(),
        messages: random.chance(0.5) ? [] : [{ rowid: 1n, guid: this.#text() }],
      })),
    };
  }

  #row(sequence: bigint): MessageRow {
    const random = this.#random;
    const maybe = <T>(make: () => T): T | undefined => (random.chance(0.5) ? make() : undefined);
    return wireRow({
      rowid: BigInt(random.integer(1, 3)),
      sequence,
      reason: random.integer(0, 16) as never,
      isFromMe: random.chance(0.4),
      isSent: random.chance(0.5),
      columns: {
        guid: random.chance(0.9) ? `GUID-${random.integer(1, 3)}` : this.#text(),
        text: maybe(() => this.#text()),
        subject: maybe(() => this.#text()),
        attributedBody: maybe(() => this.#body()),
        messageSummaryInfo: maybe(() => this.#summary()),
        payloadData: maybe(() => this.#payload()),
        balloonBundleId: maybe(() => random.pick([LINK_BUNDLE, POLL_BUNDLE, "x", this.#text()])),
        service: maybe(() => random.pick(["SMS", "iMessage", this.#text()])),
        date: this.#date(),
        dateEdited: this.#date(),
        dateRead: this.#date(),
        datePlayed: this.#date(),
        itemType: random.chance(0.7) ? 0 : random.integer(-1, 8),
        groupActionType: random.integer(0, 7),
        groupTitle: maybe(() => this.#text()),
        otherHandle: maybe(() => wireHandle(this.#text())),
        shareStatus: random.integer(0, 1),
        associatedMessageType: random.pick([0, 0, 0, 2, 3, 1000, 2000, 2006, 2007, 3001, 4000, -5, 9_999]),
        associatedMessageGuid: maybe(() => random.pick(["p:0/G", "bp:G", "p:-1/G", "G", this.#text()])),
        associatedMessageEmoji: maybe(() => this.#text()),
        scheduleType: random.pick([0, 0, 0, 2]),
        scheduleState: random.integer(0, 5),
        isEmpty: random.chance(0.2),
        partCount: random.integer(0, 2),
        isOversized: random.chance(0.05),
        isAudioMessage: random.chance(0.1),
        error: random.pick([0, 0, 22, -2_147_483_648]),
        sender: maybe(() => wireHandle(this.#text())),
        chats: Array.from({ length: random.integer(0, 3) }, () => this.#chat()),
        attachments: Array.from({ length: random.integer(0, 3) }, () => this.#attachment()),
      },
    });
  }

  #text(): string {
    const piece = this.#random.pick(["", "a", "b@example.com", "+1555", "🧵", "\uFFFC", "\0", "漢"]);
    return piece.repeat(this.#random.pick([1, 1, 2, 40, 1_100]));
  }

  #date(): bigint {
    return this.#random.pick([0n, 1n, -1n, 788_700_000_000_000_000n, 9_223_372_036_854_775_807n]);
  }

  #chat() {
    const rest = { style: this.#random.pick([43, 45, 0]), groupId: this.#text(), identifier: this.#text() };
    const properties = this.#random.chance(0.3) ? this.#summary() : undefined;
    return { ...wireChat(this.#text()), ...rest, displayName: this.#text(), properties };
  }

  #attachment() {
    return wireAttachment({
      guid: this.#random.chance(0.8) ? `at_0_${this.#random.integer(0, 3)}` : this.#text(),
      transferName: this.#text(),
      totalBytes: this.#random.pick([0n, -1n, 9_223_372_036_854_775_807n]),
      transferState: this.#random.integer(-2, 9),
      isSticker: this.#random.chance(0.3),
      userInfo: this.#random.chance(0.3) ? this.#summary() : undefined,
    });
  }

  #body(): Buffer {
    const random = this.#random;
    const runs: AttributeRun[] = Array.from({ length: random.integer(0, 4) }, () =>
      messageRun(random.integer(1, 3), {
        part: random.pick([0, 1, -1, 2_000_000_000]),
        ...(random.chance(0.3)
          ? { attachmentGuid: parseAttachmentGuid("at_0_1"), fileName: this.#text() }
          : {}),
        ...(random.chance(0.3) ? { inlineSize: { width: 1e300, height: Number.NaN } } : {}),
        ...(random.chance(0.3) ? { link: { url: this.#text(), isRichLink: true } } : {}),
        ...(random.chance(0.3) ? { effect: random.integer(0, 20) } : {}),
      }),
    );
    const length = runs.reduce((sum, run) => sum + run.length, 0);
    return this.#damaged(encodeAttributedBody({ text: "\uFFFC".repeat(length), runs }));
  }

  #summary(): Buffer {
    const random = this.#random;
    const version = () =>
      new Map<string, PropertyListLiteral>([
        ["t", this.#body()],
        ["d", random.pick([788_700_000, 0, Number.NaN])],
      ]);
    const parts = () => [random.pick([0n, 1n, -1n, 9_000_000_000n])];
    const keys: readonly (readonly [string, () => PropertyListLiteral])[] = [
      ["ec", () => new Map([[random.pick(["0", "1", "x"]), [version(), version()]]])],
      ["ep", parts],
      ["rp", parts],
      ["edfp", parts],
      ["rdfp", parts],
      ["ams", () => this.#text()],
      ["orgid", () => this.#text()],
      ["groupPhotoGuid", () => this.#text()],
      ["audio-transcription", () => this.#text()],
    ];
    const record = keys.filter(() => random.chance(0.5)).map(([key, make]) => [key, make()] as const);
    return this.#damaged(encodePropertyList(propertyListOf(new Map(record))));
  }

  #payload(): Buffer {
    const random = this.#random;
    const poll = { orderedPollOptions: [{ optionIdentifier: "o", text: this.#text() }] };
    const votes = { votes: [{ voteOptionIdentifier: "o", participantHandle: "h" }] };
    const file = archived("LPFileMetadata", { size: { kind: "integer", value: 1n << 63n } });
    return this.#damaged(
      random.pick([
        () => linkPayload({ title: this.#text(), specialization: file }),
        () => appPayload({ an: this.#text(), appid: "9".repeat(19), URL: url("?sendDate=999999999999") }),
        () => pollPayload(random.pick([poll, votes, {}])),
      ])(),
    );
  }

  #damaged(bytes: Uint8Array): Buffer {
    const copy = Buffer.from(bytes);
    if (this.#random.chance(0.3) && copy.length > 0) {
      copy[this.#random.integer(0, copy.length - 1)] = this.#random.integer(0, 255);
    }
    return copy;
  }
}
