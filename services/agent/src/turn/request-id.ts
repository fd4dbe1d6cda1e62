import { assert } from "@imesh/flow";
import type { Turn } from "./turn.ts";

/** What mac-bridge takes as a request_id: 1 to 128 printable ASCII characters without spaces. */
const REQUEST_ID = /^[!-~]{1,128}$/;

/** `<journal id>/<first sequence>`: names a turn to people and tools. */
export function turnIdOf(turn: Pick<Turn, "journalId" | "firstSequence">): string {
  return `${turn.journalId}/${turn.firstSequence}`;
}

/**
 * Key of one part of a turn's reply at mac-bridge, made of positions and never of the text: whatever is sent twice after a
 * crash meets its first self there. Always fits: a name has at most 64 characters, a journal id 40, the numbers 19 and 2.
 */
export function requestIdOf(
  agentName: string,
  turn: Pick<Turn, "journalId" | "firstSequence">,
  part: number,
): string {
  const id = `${agentName}/${turnIdOf(turn)}/${part}`;
  assert(REQUEST_ID.test(id), "a request_id is 1 to 128 printable ASCII characters");
  return id;
}
