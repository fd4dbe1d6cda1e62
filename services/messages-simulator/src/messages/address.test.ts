import assert from "node:assert/strict";
import { test } from "node:test";
import { accountLogin, canonicalAddress, directChatGuid, groupIdentifier } from "./address.ts";

test("canonicalAddress() takes E.164 and mail, and nothing else", () => {
  assert.equal(canonicalAddress("+15551234567"), "+15551234567");
  assert.equal(canonicalAddress("Ann@Example.com"), "ann@example.com");
  for (const text of [
    "",
    "15551234567",
    "+0555123456",
    "+1555",
    "ann@",
    "a b@example.com",
    "any;-;+15551234567",
  ]) {
    assert.equal(canonicalAddress(text), undefined, text);
  }
});

test("chat guids have the form of macOS 26", () => {
  assert.equal(directChatGuid("+15551234567"), "any;-;+15551234567");
  assert.equal(groupIdentifier("any;+;chat1"), "chat1");
  for (const guid of ["", "any;-;+15551234567", "any;+;", "chat1", "a\0;+;chat1"]) {
    assert.equal(groupIdentifier(guid), undefined, guid);
  }
});

test("accountLogin() tells numbers from mail", () => {
  assert.deepEqual(["+15551234567", "ann@example.com"].map(accountLogin), [
    "P:+15551234567",
    "E:ann@example.com",
  ]);
});
