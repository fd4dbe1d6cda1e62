import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { damaged } from "../fixtures/damage.ts";
import { encodePropertyList } from "../property-list/encode-property-list.ts";
import { PropertyListError } from "../property-list/property-list-error.ts";
import { type PropertyListLiteral, propertyListOf } from "../property-list/property-list-literal.ts";
import type { ChatProperties } from "./chat-properties.ts";
import { decodeChatProperties } from "./decode-chat-properties.ts";

const MUTATIONS = 3_000;

const NOTHING: ChatProperties = {
  groupPhotoGuid: null,
  isMuted: false,
  isForcedToSms: false,
  background: null,
  propertiesVersion: null,
  lsmd: null,
  responseCount: null,
  isReportedAsSpam: false,
  isLoadedOnce: false,
  other: new Map(),
  faults: [],
};

const BACKGROUND: Readonly<Record<string, PropertyListLiteral>> = {
  trabaid: "CHANNEL",
  trabar: "https://example.com/asset",
  trabas: "ASSET",
  traboid: "OBJECT",
  trabafs: 4_096n,
  trabapv: 2n,
  trabav: 801_950_158_326_835_840n,
  trabaCommSafety: 0n,
  trabak: "SECRET",
  refreshDate: { kind: "date", secondsSince2001: 800 },
  more: 1n,
};

const FULL: Readonly<Record<string, PropertyListLiteral>> = {
  groupPhotoGuid: "at_0_PHOTO",
  ignoreAlertsFlag: true,
  shouldForceToSMS: 1n,
  pv: 2n,
  LSMD: { kind: "date", secondsSince2001: 9 },
  numberOfTimesRespondedtoThread: 4n,
  hasBeenAutoSpamReported: false,
  EMLoadedOnce: true,
  backgroundProperties: new Map(Object.entries(BACKGROUND)),
  later: "kept",
};

function bytesOf(record: Readonly<Record<string, PropertyListLiteral>>): Uint8Array {
  return encodePropertyList(propertyListOf(new Map(Object.entries(record))));
}

test("decodeChatProperties() reads every key, keeps the others, and drops the picture's secret", () => {
  assert.deepEqual(decodeChatProperties(bytesOf(FULL)), {
    groupPhotoGuid: "at_0_PHOTO",
    isMuted: true,
    isForcedToSms: true,
    background: {
      channelGuid: "CHANNEL",
      url: "https://example.com/asset",
      assetId: "ASSET",
      objectId: "OBJECT",
      fileBytes: 4_096n,
      posterVersion: 2n,
      version: 801_950_158_326_835_840n,
      communicationSafety: 0n,
      refreshedSecondsSince2001: 800,
      other: new Map([["more", { kind: "integer", value: 1n }]]),
      faults: [],
    },
    propertiesVersion: 2n,
    lsmd: { kind: "date", secondsSince2001: 9 },
    responseCount: 4n,
    isReportedAsSpam: false,
    isLoadedOnce: true,
    other: new Map([["later", { kind: "string", value: "kept" }]]),
    faults: [],
  });
});

test("an empty dictionary says nothing, and a channel alone is a background", () => {
  assert.deepEqual(decodeChatProperties(bytesOf({})), NOTHING);
  const { background } = decodeChatProperties(bytesOf({ backgroundChannelGUID: "CHANNEL" }));
  assert.equal(background?.channelGuid, "CHANNEL");
});

test("a key that cannot be read spoils no other", () => {
  const value: PropertyListLiteral = 3n;
  for (const key of ["groupPhotoGuid", "ignoreAlertsFlag", "backgroundProperties"]) {
    assert.deepEqual(decodeChatProperties(bytesOf({ [key]: value, pv: 1n })), {
      ...NOTHING,
      propertiesVersion: 1n,
      other: new Map([[key, propertyListOf(value)]]),
      faults: [{ key, code: "wrong-type" }],
    });
  }
  const inner = decodeChatProperties(bytesOf({ backgroundProperties: new Map([["trabaid", 1n]]) }));
  assert.deepEqual(inner.background?.faults, [{ key: "trabaid", code: "wrong-type" }]);
});

test(`${MUTATIONS} damaged columns are read, or refused by PropertyListError`, () => {
  const random = SeededRandom.fromEnvironment("damaged properties");
  const whole = bytesOf(FULL);
  let readable = 0;
  for (let round = 0; round < MUTATIONS; round += 1) {
    try {
      decodeChatProperties(damaged(random, whole));
      readable += 1;
    } catch (error) {
      assert.ok(error instanceof PropertyListError, String(error));
    }
  }
  assert.ok(readable > 100 && readable < MUTATIONS - 100, `${readable} readable`);
});
