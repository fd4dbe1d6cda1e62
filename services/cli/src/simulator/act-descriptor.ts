import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type DescField, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { assert } from "@imesh/flow";

const SET = readFileSync(fileURLToPath(import.meta.resolve("@imesh/contracts/descriptors.binpb")));
const REQUEST = createFileRegistry(fromBinary(FileDescriptorSetSchema, SET)).getMessage(
  "imesh.simulator.v1.ActRequest",
);
assert(REQUEST !== undefined, "the simulator's contract has ActRequest");

/** The message that `imesh sim act` takes, as the contract describes it. */
export const ACT_REQUEST: DescMessage = REQUEST;

/** What can happen, by the names of the contract's JSON, in its order. */
export function actFields(): readonly DescField[] {
  return ACT_REQUEST.fields;
}
