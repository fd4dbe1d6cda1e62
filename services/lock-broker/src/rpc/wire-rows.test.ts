import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageRow, ChatSummary as WireChatSummary } from "@imesh/contracts/broker/v1";
import { largestChat, largestHandle, largestMessage } from "../fixtures/largest-rows.ts";
import { fitMessage, messageBytes, summaryBytes } from "../reads/message-size.ts";
import { toMessageRow, toWireChatSummary } from "./wire-rows.ts";

/** Every list on the wire spends a tag and a length on each row. */
const NESTING_BYTES = 6;

test("messageBytes() and summaryBytes() are never less than what the wire takes, and not much more", () => {
  for (const size of [0, 1, 50, 5_000, 100_000]) {
    const message = largestMessage(size);
    const wire = MessageRow.encode(toMessageRow(message)).finish().length + NESTING_BYTES;
    assert(messageBytes(message) >= wire, `${messageBytes(message)} for ${wire}`);
    assert(messageBytes(message) <= wire + 1_500, `${messageBytes(message)} for ${wire}`);
    const summary = {
      chat: largestChat(size),
      participants: [largestHandle(size), largestHandle(size)],
      lastMessageDate: -5n,
    };
    const wireSummary = WireChatSummary.encode(toWireChatSummary(summary)).finish().length + NESTING_BYTES;
    assert(summaryBytes(summary) >= wireSummary, `${summaryBytes(summary)} for ${wireSummary}`);
    assert(summaryBytes(summary) <= wireSummary + 400);
  }
});

test("fitMessage() leaves out what attachments say, then the bodies, then attachments, as little as will do", () => {
  const message = largestMessage(10_000);
  const whole = messageBytes(message);
  assert.equal(fitMessage(message, whole), message);
  const terse = fitMessage(message, whole - 1);
  assert.deepEqual(
    [terse.text, terse.isOversized, terse.attachments.map(({ userInfo, guid }) => [userInfo, guid.length])],
    [message.text, message.isOversized, Array(2).fill([undefined, 10_000])],
  );
  const body = { ...message, isOversized: false };
  const bare = fitMessage(body, messageBytes(terse) - 1);
  assert.deepEqual(
    [bare.text, bare.attributedBody, bare.isOversized, bare.attachments.length, bare.guid],
    [undefined, undefined, true, 2, message.guid],
  );
  const least = fitMessage(body, messageBytes(bare) - 1);
  assert.deepEqual([least.attachments.length, least.chats.length], [1, 2]);
  assert(messageBytes(least) < messageBytes(bare));
});
