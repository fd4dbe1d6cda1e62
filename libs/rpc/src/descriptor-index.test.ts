import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { SeededRandom } from "@imesh/testing";
import { DescriptorIndex } from "./descriptor-index.ts";

const bytes = await readFile(fileURLToPath(import.meta.resolve("@imesh/contracts/descriptors.binpb")));

/** The whole set, as the real descriptor runtime reads it. */
const set = fromBinary(FileDescriptorSetSchema, bytes);

const fileName = (file: Uint8Array) => fromBinary(FileDescriptorProtoSchema, file).name;

test("finds every file with all that it imports, as the descriptor runtime sees them", () => {
  const index = new DescriptorIndex(bytes);
  for (const file of set.file) {
    const closure = index.closureOfFile(file.name);
    assert.ok(closure !== undefined, file.name);
    const files = closure.map((each) => fromBinary(FileDescriptorProtoSchema, each));
    assert.deepEqual(files[0], file);
    const names = new Set(files.map((each) => each.name));
    assert.equal(names.size, files.length, "each once");
    for (const each of files)
      for (const dependency of each.dependency) assert.ok(names.has(dependency), dependency);
  }
});

test("finds the file of every message, enum, service and method", () => {
  const index = new DescriptorIndex(bytes);
  const messageSymbols = (scope: string, message: DescriptorProto): string[] => [
    `${scope}.${message.name}`,
    ...message.enumType.map((each) => `${scope}.${message.name}.${each.name}`),
    ...message.nestedType.flatMap((nested) => messageSymbols(`${scope}.${message.name}`, nested)),
  ];
  let symbols = 0;
  for (const file of set.file) {
    const all = [
      ...file.messageType.flatMap((message) => messageSymbols(file.package, message)),
      ...file.enumType.map((each) => `${file.package}.${each.name}`),
      ...file.service.flatMap((service) => [
        `${file.package}.${service.name}`,
        ...service.method.map((method) => `${file.package}.${service.name}.${method.name}`),
      ]),
    ];
    for (const symbol of all) {
      const [first] = index.closureOfSymbol(symbol) ?? [];
      assert.ok(first !== undefined, symbol);
      assert.equal(fileName(first), file.name, symbol);
    }
    symbols += all.length;
  }
  assert.ok(symbols > 100, `${symbols} symbols`);
});

test("knows no name that is not there", () => {
  const index = new DescriptorIndex(bytes);
  for (const name of ["", "imesh", "imesh.bridge.v1", ".imesh.bridge.v1.Event", "imesh.bridge.v1.Nothing"]) {
    assert.equal(index.closureOfSymbol(name), undefined, name);
    assert.equal(index.closureOfFile(name), undefined, name);
  }
});

test("damaged bytes throw or are read, and never hang (property)", () => {
  const random = SeededRandom.fromEnvironment("descriptor index");
  for (let round = 0; round < 100; round += 1) {
    const damaged = Buffer.from(bytes.subarray(0, random.integer(0, bytes.length)));
    if (damaged.length > 0) damaged[random.integer(0, damaged.length - 1)] = random.integer(0, 255);
    try {
      new DescriptorIndex(damaged);
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
});
