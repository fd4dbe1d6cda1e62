import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bodyDigest, decodeAttributedBody, encodeAttributedBody } from "@imesh/imessage-codec";
import { SeededRandom } from "../messages/seeded-random.ts";
import { detectData } from "./data-detection.ts";

const random = () => new SeededRandom(1n, "test");
const mention = { kind: "string", value: "+15551234567" } as const;
const part = (number: bigint) =>
  ["__kIMMessagePartAttributeName", { kind: "integer", value: number }] as const;

describe("detectData()", () => {
  for (const style of ["mac", "ios"] as const) {
    test(`marks a word of a body in the style of ${style}, with other bytes and the same looks`, () => {
      const body = encodeAttributedBody({ text: "call 👍 +1 555 123 at 8", style });
      const detected = detectData(body, random());
      assert.ok(detected !== undefined);
      assert.notDeepEqual(detected, body);
      assert.equal(bodyDigest(detected), bodyDigest(body));
      const { text, runs } = decodeAttributedBody(detected);
      assert.equal(text, "call 👍 +1 555 123 at 8");
      const marked = runs.filter(({ attributes }) => attributes.has("__kIMDataDetectedAttributeName"));
      assert.equal(marked.length, 1);
      const [data] = [...(marked[0]?.attributes ?? [])].flatMap(([, value]) =>
        value.kind === "data" ? [value.value] : [],
      );
      assert.equal(Buffer.from(data ?? []).toString("latin1", 0, 8), "bplist00");
    });
  }

  test("keeps what a person sees at the marked word, and marks once however often it is done", () => {
    const attributes = new Map<string, { kind: "integer"; value: bigint } | typeof mention>([part(1n)]);
    attributes.set("__kIMMentionConfirmedMention", mention);
    const runs = [
      { length: 4, attributes: new Map([part(0n)]) },
      { length: 8, attributes },
    ];
    let body = encodeAttributedBody({ text: "two\nMentions", runs });
    const digest = bodyDigest(body);
    const chance = random();
    for (let time = 0; time < 20; time += 1) {
      body = detectData(body, chance) ?? assert.fail("no word");
      assert.equal(bodyDigest(body), digest);
      const marked = decodeAttributedBody(body).runs.filter((run) =>
        run.attributes.has("__kIMDataDetectedAttributeName"),
      );
      assert.equal(marked.length, 1);
    }
  });

  test("leaves a body without a word, and a damaged one, alone", () => {
    assert.equal(detectData(encodeAttributedBody({ text: "\uFFFC !" }), random()), undefined);
    assert.equal(detectData(encodeAttributedBody({ text: "" }), random()), undefined);
    assert.equal(detectData(Uint8Array.of(4, 11), random()), undefined);
  });
});
