import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type Address, formatAddress, isLoopback, parseAddress, UNIX_PATH_BYTES_MAX } from "./address.ts";

test("parseAddress() reads the three forms, and formatAddress() writes them back", () => {
  const table = [
    ["127.0.0.1:7070", { kind: "tcp", host: "127.0.0.1", port: 7070 }],
    ["mac-mini.tail1.ts.net:0", { kind: "tcp", host: "mac-mini.tail1.ts.net", port: 0 }],
    ["[fd7a::1]:65535", { kind: "tcp", host: "fd7a::1", port: 65535 }],
    ["unix:/run/imesh/broker.sock", { kind: "unix", path: "/run/imesh/broker.sock" }],
  ] as const;
  for (const [text, address] of table) {
    deepEqual(parseAddress(text), address);
    equal(formatAddress(address), text);
  }
});

test("parseAddress() refuses everything else with its reason", () => {
  const form = 'want "host:port", "[ipv6]:port" or "unix:/path"';
  const wildcard = "every interface; name one address, such as 127.0.0.1";
  const table = [
    ["", form],
    ["localhost", form],
    [":7070", form],
    ["::1:7070", form],
    ["localhost:http", form],
    ["localhost:-1", form],
    ["localhost:65536", "port above 65535"],
    ["[nonsense]:1", "not an IPv6 address in the brackets"],
    ["0.0.0.0:7070", wildcard],
    ["[::]:7070", wildcard],
    ["*:7070", wildcard],
    ["unix:broker.sock", "a Unix socket needs an absolute path"],
    ["unix:", "a Unix socket needs an absolute path"],
  ] as const;
  for (const [text, reason] of table) equal(parseAddress(text), reason, text);
});

test("parseAddress() refuses a socket path that macOS would cut, counted in bytes", () => {
  const longest = `/${"é".repeat((UNIX_PATH_BYTES_MAX - 1) / 2)}`;
  deepEqual(parseAddress(`unix:${longest}`), { kind: "unix", path: longest });
  equal(parseAddress(`unix:${longest}x`), "104 bytes of socket path, at most 103");
});

test("isLoopback() knows what only this machine reaches, by literals alone", () => {
  const texts = [
    "127.0.0.1:1",
    "127.9.9.9:1",
    "[::1]:1",
    "unix:/s",
    "localhost:1",
    "10.0.0.1:1",
    "[fd7a::1]:1",
  ];
  deepEqual(
    texts.map((text) => isLoopback(parseAddress(text) as Address)),
    [true, true, true, true, false, false, false],
  );
});
