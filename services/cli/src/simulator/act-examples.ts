import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { actFields } from "./act-descriptor.ts";

/** One thing that can happen in the simulated Mac. */
export interface ActExample {
  /** As the contract's JSON names it: "renameChat". */
  readonly name: string;
  /** The whole request, on one line. */
  readonly json: string;
}

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

/** What a field of this name holds in an example: what a simulated Mac begins with. Fields without a word here may be empty, and are left out. */
const WORDS: Readonly<Record<string, string>> = {
  address: "+15552010001",
  caption: "Hello",
  chat_guid: "any;+;chat700000000000000001",
  emoji: "🎂",
  from: "+15551234567",
  guid: "any;-;+15551234567",
  name: "Cake",
  new_address: "b@x.org",
  new_chat_guid: "any;+;chat2",
  options: "plum",
  text: "hello",
  title: "Which?",
  to: "+15551234567",
};

/** Numbers that mean something else than "how many". */
const NUMBERS: Readonly<Record<string, number>> = { part: 0, rowid: 7, type: 2006, transfer_state: 5 };

/** Left out where it is 0 by default, or is for a rare case. */
const UNSAID: ReadonlySet<string> = new Set([
  "batch",
  "form",
  "replaced_rowid",
  "reply",
  "seed",
  "rows",
  "parts",
]);

/** Switches that an example turns on. */
const SWITCHES: ReadonlySet<string> = new Set(["is_member"]);

/** Everything that can happen with an example of each, made from the contract: nothing of it is written by hand. */
export function actExamples(): readonly ActExample[] {
  return actFields().map((field) => ({
    name: field.jsonName,
    json: JSON.stringify({ [field.jsonName]: field.message === undefined ? {} : sampleOf(field.message) }),
  }));
}

/** Of several ways that exclude each other the first. */
function sampleOf(message: DescMessage): Json {
  if (message.typeName === "google.protobuf.Duration") return "60s";
  const fields = message.members.flatMap((member) =>
    member.kind === "oneof" ? member.fields.slice(0, 1) : [member],
  );
  const isDirect = message.fields[0]?.name === "from";
  const isOfGroup = message.fields[0]?.name === "chat_guid";
  return Object.fromEntries(
    fields.flatMap((field) => {
      // Without a chat it is the direct one with whom it is from; in a group it is this account that does it.
      const isImplied = (isDirect && field.name === "chat_guid") || (isOfGroup && field.name === "from");
      const isUnsaid = isImplied || UNSAID.has(field.name);
      const value = isUnsaid ? undefined : exampleOf(field);
      return value === undefined ? [] : [[field.jsonName, value]];
    }),
  );
}

function exampleOf(field: DescField): Json | undefined {
  switch (field.fieldKind) {
    case "message":
      return sampleOf(field.message);
    case "enum":
      return field.enum.name.startsWith("Text") || field.enum.name === "DetectedData"
        ? undefined
        : firstOf(field.enum);
    case "scalar":
      return scalarOf(field.name, field.scalar);
    case "list": {
      const item = field.listKind === "scalar" ? scalarOf(field.name, field.scalar) : undefined;
      const value = field.listKind === "message" ? sampleOf(field.message) : item;
      return value === undefined ? undefined : [value];
    }
    default:
      return undefined;
  }
}

/** 64-bit numbers are strings in JSON. */
function scalarOf(name: string, scalar: ScalarType): Json | undefined {
  switch (scalar) {
    case ScalarType.STRING:
      return WORDS[name];
    case ScalarType.BOOL:
      return SWITCHES.has(name) ? true : undefined;
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return String(NUMBERS[name] ?? 1);
    default:
      return NUMBERS[name] ?? 1;
  }
}

/** The first after "not said". */
function firstOf({ values }: DescEnum): string {
  return values[1]?.name ?? "";
}
