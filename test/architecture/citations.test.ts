/** What a comment cites as a source can be opened by whoever reads it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root, trackedFiles } from "./source-file.ts";

const FACTS = "docs/chat-db.md";

/** Files with words of ours: generated code repeats the comments of proto/. */
const texts = trackedFiles(/\.(ts|md|proto|sql|yaml|yml|applescript)$/)
  .filter((path) => !path.startsWith("libs/contracts/") && !path.startsWith("proto/google/"))
  .map((path) => ({ path, text: joined(readFileSync(join(root, path), "utf8")) }));

/** A citation may be broken over two lines of a comment. */
function joined(text: string): string {
  return text.replace(/\n[ \t]*(?:\*|\/\/|--|#)?[ \t]*/g, " ");
}

function places(pattern: RegExp, among = texts): readonly string[] {
  return among.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(({ 0: found, index }) => {
      const before = text.slice(Math.max(0, index - 40), index);
      return `${path}: …${before}${found}${text.slice(index + found.length, index + found.length + 20)}`;
    }),
  );
}

/** Documents with numbered sections that everybody can find, and further sections of the one just named. */
const KNOWN = /(?:docs\/chat-db\.md|sqlite\.org\/\w+\.html|W3C Trace Context) $|§[\d.]+(?:,| and) $/;

test("a section that is cited is one of a document that is here, or of a public standard", () => {
  const unknown = texts
    .filter(({ path }) => path !== FACTS)
    .flatMap(({ path, text }) =>
      [...text.matchAll(/§\s*\d/g)]
        .map(({ index }) => text.slice(Math.max(0, index - 60), index))
        .filter((before) => !KNOWN.test(before))
        .map((before) => `${path}: …${before}§`),
    );
  assert.deepEqual(unknown, []);
});

test("nothing cites a document of its authors' by a nickname or a number", () => {
  assert.deepEqual(places(/\((?:I\d+, )?F\d+[),:]/g), []);
  assert.deepEqual(
    places(/\b(?:reference|design)(?: note)?,? §|\b(?:reference|design) note\b|\bdesign\.md\b/gi),
    [],
  );
  assert.deepEqual(places(/\bof the reference\b/g), []);
});

test("every section of docs/chat-db.md that is cited is there, and they are numbered without a gap", () => {
  const facts = readFileSync(join(root, FACTS), "utf8");
  const sections = [...facts.matchAll(/^## (\d+)\. \S/gm)].map((match) => Number(match[1]));
  assert.deepEqual(
    sections,
    sections.map((_, index) => index + 1),
  );
  const cited = [...texts, { path: FACTS, text: joined(facts) }].flatMap(({ path, text }) => {
    const citations = path === FACTS ? /§\d+/g : /docs\/chat-db\.md (?:§\d+(?:, | and )?)+/g;
    return [...text.matchAll(citations)].flatMap(([found]) =>
      [...found.matchAll(/§(\d+)/g)].map((match) => ({ path, section: Number(match[1]) })),
    );
  });
  assert.ok(cited.length > 50);
  assert.deepEqual(
    cited.filter(({ section }) => !sections.includes(section)),
    [],
  );
});

test("a decision that is cited is one of ARCHITECTURE.md", () => {
  const titles = [
    ...readFileSync(join(root, "ARCHITECTURE.md"), "utf8").matchAll(/^\*\*[\d-]+ · (.*?)\.?\*\*/gm),
  ];
  const decisions = new Set(titles.map((match) => match[1] ?? ""));
  assert.ok(decisions.size > 10);
  const cited = texts.flatMap(({ path, text }) =>
    [...text.matchAll(/\(ARCHITECTURE, "([^"]+)"\)/g)].map((match) => ({ path, title: match[1] ?? "" })),
  );
  assert.ok(cited.length > 0);
  assert.deepEqual(
    cited.filter(({ title }) => !decisions.has(title)),
    [],
  );
});
