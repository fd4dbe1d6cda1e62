/** Who is at the other end of a connection, as far as the socket tells. */
export type Peer =
  /** Somebody who could open our socket in its 0700 directory; Node cannot ask for the process behind it. */
  | { readonly kind: "unix" }
  /** Host is an IP literal without brackets. */
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/**
 * Reads what grpc-js 1.14's getPeer() says: "127.0.0.1:34082", an IPv6 peer without brackets ("::1:40958", so
 * the port is what follows the last colon), and "unknown" for a Unix socket.
 */
export function parsePeer(text: string): Peer {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return { kind: "unix" };
  const host = text.slice(0, colon).replace(/^::ffff:(?=\d+\.)/, "");
  return { kind: "tcp", host, port: Number(text.slice(colon + 1)) };
}
