import { parseAddress } from "./address.ts";
import { flagRefused } from "./flag-refused.ts";

/** Where the metrics of `command` are served, as `--metrics` says: null for "off". Throws StartupError for anything but host:port. */
export function parseMetricsFlag(
  command: string,
  text: string,
): { readonly host: string; readonly port: number } | null {
  if (text === "off") return null;
  const address = parseAddress(text);
  if (typeof address === "string") throw flagRefused(command, "--metrics", text, `${address}, or "off"`);
  if (address.kind === "unix") throw flagRefused(command, "--metrics", text, 'want host:port or "off"');
  return { host: address.host, port: address.port };
}
