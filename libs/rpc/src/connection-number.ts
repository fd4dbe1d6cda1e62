/** Numbers of the connections that are open, given out as they are first met. */
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/**
 * A number for the connection a call came over: the same for its calls, another for every other connection of the process's
 * life. 0 where it cannot be told. Node cannot ask who is behind a Unix socket, and grpc-js names all of them "unknown", so
 * the connection is the best there is to tell clients apart; it is an HTTP/2 session that grpc-js 1.14 keeps to itself, hence the
 * careful steps down to it.
 */
export function connectionNumber(call: object): number {
  const session = property(property(property(call, "call"), "stream"), "session");
  if (session === undefined) return 0;
  const known = numbers.get(session);
  if (known !== undefined) return known;
  lastNumber += 1;
  numbers.set(session, lastNumber);
  return lastNumber;
}

function property(of: object | undefined, name: string): object | undefined {
  const value: unknown = of === undefined ? undefined : Reflect.get(of, name);
  return typeof value === "object" && value !== null ? value : undefined;
}
