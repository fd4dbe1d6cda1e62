/** The world behaved, we did not: a fact the code relies on is broken. Never caught to go on; it ends the process. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Throws {@link AssertionError} unless `condition` holds. For facts that only our own bug can break; input from the
 * world gets a typed error instead. `fact` states what should have been true.
 */
export function assert(condition: unknown, fact: string): asserts condition {
  if (!condition) throw new AssertionError(`Broken fact: ${fact}`);
}

/** Ends an exhaustive switch: the compiler refuses a missing case, and a value that lied about its type throws. */
export function unreachable(value: never): never {
  throw new AssertionError(`Broken fact: unreachable value ${describe(value)}`);
}

/** Names the variant only: a whole value may hold message text, which never reaches a log. */
function describe(value: unknown): string {
  if (typeof value === "object" && value !== null && "kind" in value) return `of kind ${String(value.kind)}`;
  return typeof value === "object" ? "of type object" : String(value);
}
