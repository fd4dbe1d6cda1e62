import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatDbError, type ChatDbFault } from "./chat-db-error.ts";
import { watchFaultOf } from "./watch-fault.ts";

test("an error of rows/ is given to the watch by its reason, any other is none of its faults", () => {
  const code = (fault: ChatDbFault) =>
    watchFaultOf(new ChatDbError({ code: fault, path: "/chat.db", detail: "" }))?.code;
  assert.deepEqual(
    [code("io-error"), code("corrupt"), code("moved"), code("not-found")],
    ["io", "not-a-database", "busy", "not-found"],
  );
  const own = new ChatDbError({ code: "io-error", path: "/chat.db", detail: "SQLITE_IOERR" });
  assert.deepEqual(watchFaultOf(own), { code: "io", source: "database", error: own });
  assert.equal(watchFaultOf(new TypeError("ours")), undefined);
});
