import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, heard } from "../testing/acts-fixture.ts";
import { withMessages } from "../testing/messages-fixture.ts";
import { plainEntries } from "../testing/plain-entries.ts";

test("a link preview comes on the same row, its picture before it, sometimes too long for a page", async () => {
  await withMessages(async ({ messages, read, news, saves }) => {
    const sizes: number[] = [];
    let pictures = 0;
    for (let number = 0; number < 16; number += 1) {
      const { rowid } = await heard(messages, `https://example.com/${number}`);
      news();
      const before = saves();
      assert.deepEqual(await messages.act({ kind: "add-link-preview", rowid }), [rowid]);
      const changes = news();
      const hasPicture = changes.length === 2;
      pictures += hasPicture ? 1 : 0;
      assert.deepEqual(changes, [
        ...(hasPicture ? [`message ${rowid} attachments`] : []),
        `message ${rowid} content`,
      ]);
      assert.equal(saves() - before, changes.length);
      const [row] = read(
        "SELECT balloon_bundle_id AS bundle, payload_data AS payload, length(attributedBody) > 0 AS body FROM message WHERE ROWID = ?",
        rowid,
      ) as { payload: Uint8Array }[];
      assert.deepEqual(row, {
        bundle: "com.apple.messages.URLBalloonProvider",
        payload: row?.payload,
        body: 1n,
      });
      const archive = plainEntries(row?.payload ?? null);
      assert.deepEqual([...archive.keys()], ["$version", "$archiver", "$top", "$objects"]);
      sizes.push(row?.payload.length ?? 0);
    }
    assert.ok(sizes.some((size) => size > 4_096) && sizes.some((size) => size < 2_000), `${sizes}`);
    assert.ok(pictures > 0 && pictures < 16, `${pictures} pictures`);
    const again = { kind: "add-link-preview", rowid: 7n } as const;
    await assertRefused({ messages, saves, news }, again, { fact: /balloon already/ });
    const edit = { kind: "edit", rowid: 7n, part: 0, text: "x" } as const;
    await assertRefused({ messages, saves, news }, edit, { fact: /balloon/ });
    await assertRefused({ messages, saves, news }, { ...again, rowid: 99n }, { what: "message" });
  });
});
