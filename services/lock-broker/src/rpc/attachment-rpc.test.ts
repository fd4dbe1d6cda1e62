import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { waitFor } from "@imesh/testing";
import { drained, failure, startServedBroker } from "../fixtures/served-broker.ts";

const TIMEOUT = { timeout: 60_000 };

test("ReadAttachment: the row, the bytes, the hash; resumed; and why there are none", TIMEOUT, async () => {
  await using broker = await startServedBroker();
  const { client, library, home } = broker;
  const [message = 0n] = library.write(1);
  await mkdir(home.file("Attachments"));
  const bytes = Buffer.alloc(150_000, "abc");
  await writeFile(home.file("Attachments/a.bin"), bytes);
  library.attach(message, { guid: "at_0_G", original_guid: "G", filename: home.file("Attachments/a.bin") });
  library.attach(message, { guid: "gone", original_guid: "gone", filename: home.file("Attachments/b.bin") });
  library.attach(message, { guid: "out", original_guid: "out", filename: home.file("chat.db") });
  const whole = { guid: "G", offset: 0n, length: 0n, fileVersion: "" };
  const parts = await drained(client.stream("readAttachment", whole));
  const [head] = parts;
  assert(head?.part?.$case === "file");
  const { attachment, sizeBytes, fileVersion, offset, length } = head.part.value;
  assert.deepEqual([attachment?.guid, sizeBytes, offset, length], ["at_0_G", 150_000n, 0n, 150_000n]);
  const data = parts.flatMap(({ part }) => (part?.$case === "data" ? [part.value] : []));
  assert.deepEqual([Buffer.concat(data).equals(bytes), broker.sent.bytes], [true, 150_000]);
  const end = parts.at(-1)?.part;
  assert(end?.$case === "end");
  const resumed = await drained(client.stream("readAttachment", { ...whole, offset: 149_999n, fileVersion }));
  assert.deepEqual(resumed.at(-1)?.part, end);
  const call = (request: Partial<typeof whole>) =>
    failure(drained(client.stream("readAttachment", { ...whole, ...request })));
  assert.deepEqual(
    [
      await call({ guid: "none" }),
      await call({ guid: "gone" }),
      await call({ guid: "out" }),
      await call({ fileVersion: "another" }),
      await call({ offset: 150_001n }),
      await call({ guid: "", offset: -1n, length: -1n }),
    ],
    [
      "NOT_FOUND ATTACHMENT_NOT_FOUND",
      "NOT_FOUND FILE_MISSING",
      "FAILED_PRECONDITION FILE_OUTSIDE",
      "FAILED_PRECONDITION FILE_CHANGED",
      "OUT_OF_RANGE OFFSET_OUT_OF_RANGE",
      "INVALID_ARGUMENT INVALID_ARGUMENT guid offset length",
    ],
  );
});

test(
  "ReadAttachment: one stream too many is refused, and a place is free when a client leaves",
  TIMEOUT,
  async () => {
    await using broker = await startServedBroker();
    const { client, library, home } = broker;
    const [message = 0n] = library.write(1);
    await mkdir(home.file("Attachments"));
    // Far more than the buffers on the way hold, so that the stream stays open while nobody reads.
    await writeFile(home.file("Attachments/large.bin"), Buffer.alloc(16 * 1_024 * 1_024));
    library.attach(message, { guid: "G", original_guid: "G", filename: home.file("Attachments/large.bin") });
    const whole = { guid: "G", offset: 0n, length: 0n, fileVersion: "" };
    const held = client.stream("readAttachment", whole)[Symbol.asyncIterator]();
    await held.next();
    const second = async () => {
      const stream = client.stream("readAttachment", whole)[Symbol.asyncIterator]();
      const outcome = await failure(stream.next());
      await stream.return?.();
      return outcome;
    };
    assert.equal(await second(), "RESOURCE_EXHAUSTED STREAMS_FULL");
    assert.deepEqual(broker.refused, ["attachments"]);
    await held.return?.();
    await waitFor(async () => (await second()) === "OK", {
      deadlineMs: 20_000,
      what: "the place to be free",
    });
  },
);
