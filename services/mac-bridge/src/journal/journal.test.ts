import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, temporaryDirectory } from "@imesh/testing";
import { messageDraft, openJournal } from "../testing/journals.ts";
import { Journal } from "./journal.ts";
import { JournalError } from "./journal-error.ts";
import type { JournalStore } from "./journal-store.ts";

test("observers hear of an append after it is durable, in their order (I4)", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  const { journal, store } = opened;
  const heard: unknown[] = [];
  for (const name of ["first", "second"]) {
    journal.observe({
      appended: ({ events }) => {
        const durable = store.read({ afterSequence: 0n, itemsMax: 10, bytesMax: 1_000_000 });
        heard.push([name, events.map(({ stored }) => stored.sequence), durable.length]);
      },
    });
  }
  journal.append({ events: [messageDraft(1n), messageDraft(2n)] });
  journal.append({ events: [messageDraft(2n)] });
  assert.deepEqual(heard, [
    ["first", [1n, 2n], 2],
    ["second", [1n, 2n], 2],
    ["first", [], 2],
    ["second", [], 2],
  ]);
});

test("read() gives the same from memory and from the file, whatever was evicted", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"), {
    tailBounds: { itemsMax: 3, bytesMax: 1_000_000 },
  });
  const { journal, store } = opened;
  for (let rowid = 1n; rowid <= 10n; rowid += 1n) journal.append({ events: [messageDraft(rowid)] });
  for (let afterSequence = 0n; afterSequence <= 10n; afterSequence += 1n) {
    const range = { afterSequence, itemsMax: 2, bytesMax: 1_000_000 };
    assert.deepEqual(
      journal.read(range).map(({ sequence, payload }) => [sequence, Buffer.from(payload)]),
      store.read(range).map(({ sequence, payload }) => [sequence, payload]),
    );
  }
});

test("fault tells the first failure and its end, once each", async () => {
  await using directory = await temporaryDirectory();
  using opened = openJournal(directory.file("journal.db"));
  let isFull = false;
  const store: JournalStore = new Proxy(opened.store as JournalStore, {
    get: (target, name) => {
      if (name === "append" && isFull) {
        return () => {
          throw new JournalError("append to", "disk-full", "SQLITE_FULL", undefined);
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const journal = new Journal(store, new FakeClock());
  const heard: (string | null)[] = [];
  journal.observe({ faultChanged: (fault) => heard.push(fault?.code ?? null) });
  journal.append({ events: [messageDraft(1n)] });
  isFull = true;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    assert.throws(() => journal.append({ events: [messageDraft(2n)] }), JournalError);
  }
  assert.equal(journal.fault?.code, "disk-full");
  isFull = false;
  journal.append({ events: [messageDraft(2n)] });
  assert.equal(journal.fault, null);
  assert.deepEqual(heard, ["disk-full", null]);
  assert.equal(journal.head, 2n);
});
