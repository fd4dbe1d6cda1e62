import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { type ObjectSink, StreamWriter } from "./stream-writer.ts";

/** A stream with room for so many messages until it is told that it has drained. */
class NarrowSink extends EventEmitter {
  readonly written: number[] = [];
  #room: number;

  constructor(room: number) {
    super();
    this.#room = room;
  }

  write(message: number): boolean {
    this.written.push(message);
    this.#room -= 1;
    return this.#room > 0;
  }

  drain(room: number): void {
    this.#room = room;
    this.emit("drain");
  }
}

function narrow(room: number) {
  const sink = new NarrowSink(room);
  return { sink, writer: new StreamWriter<number>(sink as unknown as ObjectSink<number>) };
}

/** Whether it is settled already. */
async function isPending(work: Promise<unknown>): Promise<boolean> {
  const later = Promise.resolve("pending");
  return (await Promise.race([work.catch(() => {}), later])) === "pending";
}

test("a write with room costs no promise of its own", () => {
  const { writer } = narrow(3);
  assert.equal(writer.write(1), writer.write(2));
});

test("a write without room waits for the drain, with one listener however often", async () => {
  const { sink, writer } = narrow(1);
  for (let round = 0; round < 50; round += 1) {
    const write = writer.write(round);
    assert.equal(await isPending(write), true);
    sink.drain(1);
    await write;
  }
  assert.equal(sink.listenerCount("drain"), 1);
  assert.equal(sink.written.length, 50);
});

test("closing rejects the write that waits and every later one, and nothing more is written", async () => {
  const { sink, writer } = narrow(1);
  const waiting = writer.write(1);
  writer.close(new Error("gone"));
  writer.close(new Error("gone twice"));
  await assert.rejects(waiting, { message: "gone" });
  await assert.rejects(writer.write(2), { message: "gone" });
  assert.deepEqual(sink.written, [1]);
});

test("a rejected write that nobody awaits does not end the process", async () => {
  const { writer } = narrow(1);
  void writer.write(1);
  writer.close(new Error("gone"));
  void writer.write(2);
  await new Promise((resolve) => setImmediate(resolve));
});

test("a handler that does not await its writes is stopped after 64 of them", () => {
  const { sink, writer } = narrow(1);
  for (let count = 0; count <= 64; count += 1) void writer.write(count);
  assert.throws(() => writer.write(65), { name: "AssertionError" });
  assert.equal(sink.written.length, 65);
});
