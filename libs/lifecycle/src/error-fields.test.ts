import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { errorFields } from "./error-fields.ts";

test("errorFields() tells type, message, code, stack and causes, and no other property", () => {
  const cause = Object.assign(new TypeError("inner"), { code: "ENOENT", path: "/private/chat" });
  const error = new Error("outer", { cause });
  deepEqual(errorFields(error), {
    type: "Error",
    message: "outer",
    stack: error.stack,
    cause: { type: "TypeError", message: "inner", code: "ENOENT", stack: cause.stack },
  });
});

test("errorFields() of a thrown non-error does not quote it", () => {
  deepEqual(errorFields("what a person wrote"), {
    type: "string",
    message: "A value that is no Error was thrown",
  });
});

test("errorFields() ends in a circle of causes", () => {
  const error = new Error("circle");
  error.cause = error;
  equal(JSON.stringify(errorFields(error)).split('"type"').length - 1, 5);
});
