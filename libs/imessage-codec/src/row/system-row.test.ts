import assert from "node:assert/strict";
import { test } from "node:test";
import { type HandleRef, type MessageRow, parseHandleAddress } from "@imesh/imessage-model";
import { decodeMessageRow } from "../decode-message-row.ts";
import type { DecodedRow } from "../decoded-row.ts";
import { messageRow } from "../fixtures/message-row-fixture.ts";

const ADA: HandleRef = { address: "+15550002222", service: "SMS", country: null, contactId: "C-2" };
const ADA_PERSON = {
  address: parseHandleAddress("+15550002222"),
  service: "SMS",
  key: "+15550002222",
  contactId: "C-2",
  country: null,
};

function decode(columns: Partial<MessageRow>): DecodedRow {
  return decodeMessageRow(messageRow(columns));
}

function changeOf(columns: Partial<MessageRow>): unknown {
  const decoded = decode(columns);
  return decoded.kind === "group-change" ? decoded.change : decoded.kind;
}

test("participants come and go", () => {
  const otherHandle = ADA;
  assert.deepEqual(changeOf({ itemType: 1, otherHandle }), {
    kind: "participant-added",
    participant: ADA_PERSON,
  });
  assert.deepEqual(changeOf({ itemType: 1, groupActionType: 1, otherHandle, isFromMe: true, sender: null }), {
    kind: "participant-removed",
    participant: ADA_PERSON,
  });
  assert.deepEqual(changeOf({ itemType: 1 }), { kind: "participant-added", participant: null });
  assert.deepEqual(changeOf({ itemType: 1, otherHandle: { ...ADA, address: "" } }), {
    kind: "participant-added",
    participant: null,
  });
  assert.deepEqual(changeOf({ itemType: 1, groupActionType: 7, otherHandle }), { kind: "other" });
});

test("who adds themself has another address; who removes themself is removed", () => {
  const oneself = { itemType: 1, sender: ADA, otherHandle: ADA };
  assert.deepEqual(changeOf(oneself), { kind: "address-changed" });
  assert.deepEqual(changeOf({ ...oneself, groupActionType: 1 }), {
    kind: "participant-removed",
    participant: ADA_PERSON,
  });
  assert.deepEqual(changeOf({ ...oneself, isFromMe: true }), {
    kind: "participant-added",
    participant: ADA_PERSON,
  });
});

test("names, photos and backgrounds change", () => {
  assert.deepEqual(changeOf({ itemType: 2, groupTitle: "Trip" }), { kind: "renamed", name: "Trip" });
  assert.deepEqual(changeOf({ itemType: 2, groupTitle: "" }), { kind: "name-removed" });
  assert.deepEqual(changeOf({ itemType: 2 }), { kind: "name-removed" });
  assert.deepEqual(changeOf({ itemType: 2, groupTitle: "x".repeat(5_000) }), {
    kind: "renamed",
    name: "x".repeat(1_024),
  });
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, -1].map((groupActionType) => changeOf({ itemType: 3, groupActionType })),
    [
      "participant-left",
      "photo-changed",
      "photo-removed",
      "other",
      "background-changed",
      "other",
      "background-removed",
      "other",
    ].map((kind) => ({ kind })),
  );
});

test("locations are shared, voice messages kept, calls made", () => {
  const tell = (columns: Partial<MessageRow>) => {
    const { direction, sender, service, sentAtUnixNs, ownAddress, guid, ...rest } = decode(columns);
    return rest;
  };
  assert.deepEqual(tell({ itemType: 4 }), { kind: "location-share", isStarted: true });
  assert.deepEqual(tell({ itemType: 4, shareStatus: 1 }), { kind: "location-share", isStarted: false });
  assert.deepEqual(tell({ itemType: 5, messageActionType: 1, associatedMessageGuid: "KEPT" }), {
    kind: "kept-audio",
    targetGuid: "KEPT",
  });
  assert.deepEqual(tell({ itemType: 5 }), { kind: "kept-audio", targetGuid: null });
  assert.deepEqual(tell({ itemType: 6 }), { kind: "call" });
});

test("a person whose columns are too long keeps the address", () => {
  const sender = {
    address: "+15550002222",
    service: "S".repeat(99),
    country: "x".repeat(99),
    contactId: "y".repeat(999),
  };
  assert.deepEqual(decode({ sender, itemType: 6 }).sender, {
    ...ADA_PERSON,
    service: "S".repeat(64),
    contactId: null,
  });
  assert.equal(decode({ sender: { ...ADA, contactId: "" }, itemType: 6 }).sender?.contactId, null);
});
