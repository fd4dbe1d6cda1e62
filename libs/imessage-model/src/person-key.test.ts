import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "@imesh/testing";
import { personKeyOf } from "./person-key.ts";

test("personKeyOf() is the same for one address in every notation", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [
      "ada@example.com",
      ["ada@example.com", "Ada@Example.COM", "mailto:ada@example.com", " MAILTO:ada@example.com "],
    ],
    [
      "+15550001111",
      [
        "+15550001111",
        "+1 (555) 000-1111",
        "tel:+1-555-000-1111",
        "+1.555.000.1111",
        "\u202a+1\u00a0555\u2011000\u20111111\u202c",
        "+15550001111(smsft)",
        "+15550001111 (smsft_rm)",
        "+15550001111(filtered)(smsft)",
        "(+1) 555 000 1111",
      ],
    ],
    ["15550001111", ["15550001111", "1 555 000 1111", "1-555-0001111"]],
    ["12345", ["12345", " 12345(smsfp)"]],
  ];
  for (const [key, addresses] of cases) {
    assert.deepEqual(
      addresses.map(personKeyOf),
      addresses.map(() => key),
    );
  }
});

test("personKeyOf() keeps what is neither mail nor number", () => {
  const kept = [
    "ACME",
    "1-800-FLOWERS",
    "urn:biz:0f2b",
    "chat123;456",
    "",
    "+",
    "(smsft)",
    "tel:",
    "++15550100",
    "1+2",
  ];
  assert.deepEqual(kept.map(personKeyOf), kept);
  assert.equal(personKeyOf(" ACME Ltd. "), "ACME Ltd.");
  assert.equal(personKeyOf("ACME(smsft)"), "ACME");
});

test("the key of a key is the key, whatever the text", () => {
  const random = SeededRandom.fromEnvironment("person keys");
  const pieces = [
    ..."+0123456789 ()[]-./@aZ\u212aİΣß\u00a0\u200e\u2013\0\u{1f9f5}",
    ..."tel: mailto: TEL: (smsft) (SMSFT_RM) (\u212aind) (a)".split(" "),
  ];
  for (let round = 0; round < 50_000; round += 1) {
    const text = Array.from({ length: random.integer(0, 9) }, () => random.pick(pieces)).join("");
    const key = personKeyOf(text);
    assert.equal(personKeyOf(key), key, JSON.stringify(text));
    assert.ok(key !== "" || text.trim() === "", JSON.stringify(text));
  }
});

test("a long address takes no longer than its length", () => {
  const units = 300_000;
  for (const text of ["(", ")", "tel:", "(a)", " ", "5 ", "-"].map((piece) =>
    piece.repeat(units / piece.length),
  )) {
    assert.equal(typeof personKeyOf(`+${text}`), "string");
    assert.equal(typeof personKeyOf(`${text}x`), "string");
    assert.equal(typeof personKeyOf(text), "string");
  }
});
