import { fromJsonString, toBinary } from "@bufbuild/protobuf";
import { ActRequest } from "@imesh/contracts/simulator/v1";
import { EXIT_CODES, StartupError } from "@imesh/lifecycle";
import { ACT_REQUEST } from "./act-descriptor.ts";

/**
 * The request that `text` is, in the JSON of the contract: names in lowerCamelCase or as the contract spells them, 64-bit
 * numbers as strings or numbers. Throws StartupError (64) that names what is wrong with it.
 */
export function parseActRequest(text: string): ActRequest {
  try {
    const message = fromJsonString(ACT_REQUEST, text);
    return ActRequest.decode(toBinary(ACT_REQUEST, message));
  } catch (cause) {
    const reason =
      cause instanceof Error ? cause.message.replace(/^cannot decode (message )?/, "") : "no JSON";
    throw new StartupError({
      exitCode: EXIT_CODES.usage,
      message: `Cannot use ACT: ${reason}`,
      hint: "imesh help sim act has an example of each",
      cause,
    });
  }
}
