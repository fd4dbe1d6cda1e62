import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePeer } from "./peer.ts";

test("parsePeer() reads all that grpc-js says", () => {
  assert.deepEqual(parsePeer("127.0.0.1:34082"), { kind: "tcp", host: "127.0.0.1", port: 34082 });
  assert.deepEqual(parsePeer("::1:40958"), { kind: "tcp", host: "::1", port: 40958 });
  assert.deepEqual(parsePeer("fd7a:115c:a1e0::1:2:443"), {
    kind: "tcp",
    host: "fd7a:115c:a1e0::1:2",
    port: 443,
  });
  assert.deepEqual(parsePeer("::ffff:100.64.0.7:443"), { kind: "tcp", host: "100.64.0.7", port: 443 });
  assert.deepEqual(parsePeer("unknown"), { kind: "unix" });
});
