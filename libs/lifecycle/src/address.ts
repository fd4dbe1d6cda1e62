import { isIPv4, isIPv6 } from "node:net";

/** Where something listens or is dialled. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/**
 * Longest path of a Unix socket that works everywhere: macOS has 104 bytes in sockaddr_un.sun_path (Linux 108), of which
 * one is the terminator. A longer one is cut off or refused with EINVAL, so we refuse it by name.
 */
export const UNIX_PATH_BYTES_MAX = 103;

const WILDCARD_HOSTS: ReadonlySet<string> = new Set(["0.0.0.0", "::", "*"]);

/**
 * Parses "host:port", "[ipv6]:port" or "unix:/absolute/path"; port 0 means "any free one". Returns the reason, a
 * fragment fit for parentheses, when it is none of these. Wildcard hosts are refused: services
 * listen on an address that somebody named, never on every interface.
 */
export function parseAddress(text: string): Address | string {
  if (text.startsWith("unix:")) return parseUnix(text.slice("unix:".length));
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]]+)):(?<port>\d{1,5})$/.exec(text);
  if (match?.groups === undefined) return 'want "host:port", "[ipv6]:port" or "unix:/path"';
  const { v6, name, port: portText } = match.groups;
  const host = v6 ?? name ?? "";
  const port = Number(portText);
  if (WILDCARD_HOSTS.has(host)) return "every interface; name one address, such as 127.0.0.1";
  if (v6 !== undefined && !isIPv6(v6)) return "not an IPv6 address in the brackets";
  if (port > 65_535) return "port above 65535";
  return { kind: "tcp", host, port };
}

/** The text that {@link parseAddress} reads back to the same address; also what grpc-js takes as a target. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function parseUnix(path: string): Address | string {
  if (!path.startsWith("/")) return "a Unix socket needs an absolute path";
  const bytes = Buffer.byteLength(path);
  if (bytes > UNIX_PATH_BYTES_MAX) return `${bytes} bytes of socket path, at most ${UNIX_PATH_BYTES_MAX}`;
  return { kind: "unix", path };
}

/** Whether nobody but this machine can reach it: 127.0.0.0/8 and ::1 by literal, and Unix sockets. A name is none of these. */
export function isLoopback(address: Address): boolean {
  if (address.kind === "unix") return true;
  return (isIPv4(address.host) && address.host.startsWith("127.")) || address.host === "::1";
}
