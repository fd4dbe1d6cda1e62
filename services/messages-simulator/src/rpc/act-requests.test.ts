import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ActRequest, ReceiptKind } from "@imesh/contracts/simulator/v1";
import { RpcError } from "@imesh/rpc";
import {
  CannotHappenError,
  DatabaseReplacedError,
  NotThereError,
  OrderRefusedError,
} from "../messages/messages.ts";
import { parseAct, type WireAct, wireNameOf } from "./act-requests.ts";
import { refusalsAsStatus } from "./refusals.ts";

/** An action with the values that the wire gives to fields that are not set. */
function action(partial: object): WireAct {
  const { action: parsed } = ActRequest.fromPartial({ action: partial } as never);
  assert.ok(parsed !== undefined && parsed.$case !== "backfill" && parsed.$case !== "maintain");
  return parsed;
}

describe("parseAct()", () => {
  const SHAPES: readonly (readonly [object, object, string])[] = [
    [
      { $case: "edit", value: { rowid: 7n, part: 1, text: "x" } },
      { kind: "edit", rowid: 7n, part: 1, text: "x" },
      "edit",
    ],
    [
      { $case: "unsend", value: { rowid: 7n, parts: [2] } },
      { kind: "unsend", rowid: 7n, parts: [2] },
      "unsend",
    ],
    [
      { $case: "receipt", value: { rowid: 7n, kind: ReceiptKind.PLAYED } },
      { kind: "receipt", rowid: 7n, receipt: "played" },
      "receipt",
    ],
    [
      { $case: "sayAttachment", value: { from: "a", chatGuid: "g", attachments: 2, transferState: 3 } },
      {
        kind: "say-attachment",
        from: "a",
        groupGuid: "g",
        text: "",
        attachments: 2,
        sizeBytes: 0n,
        transferState: 3,
        isAudio: false,
        isJoinLate: false,
      },
      "say_attachment",
    ],
    [{ $case: "deleteChat", value: { guid: "g" } }, { kind: "delete-chat", chatGuid: "g" }, "delete_chat"],
    [
      {
        $case: "schedule",
        value: { step: { $case: "create", value: { to: "a", delay: { seconds: 2n, nanos: 5 } } } },
      },
      { kind: "schedule-create", to: "a", text: "", delayNs: 2_000_000_005n },
      "schedule.create",
    ],
    [
      { $case: "schedule", value: { step: { $case: "cancel", value: { rowid: 9n } } } },
      { kind: "schedule-cancel", rowid: 9n },
      "schedule.cancel",
    ],
  ];
  for (const [wire, act, name] of SHAPES) {
    test(`reads ${name}`, () => {
      const parsed = action(wire);
      assert.deepEqual([parseAct(parsed), wireNameOf(parsed)], [act, name]);
    });
  }

  const ROWIDS = ["recentlyDelete", "recover", "hardDelete", "rewriteMessageGuid", "addLinkPreview"] as const;
  for (const $case of ROWIDS) {
    test(`reads ${$case}`, () => {
      const kind = $case.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      assert.deepEqual(parseAct(action({ $case, value: { rowid: 5n } })), { kind, rowid: 5n });
    });
  }

  const REFUSED: readonly (readonly [object, string])[] = [
    [{ $case: "receipt", value: { rowid: 1n } }, "receipt.kind"],
    [{ $case: "receipt", value: { rowid: 1n, kind: 77 } }, "receipt.kind"],
    [{ $case: "schedule", value: {} }, "schedule.step"],
    [
      { $case: "schedule", value: { step: { $case: "create", value: { to: "a" } } } },
      "schedule.create.delay",
    ],
  ];
  for (const [wire, field] of REFUSED) {
    test(`refuses what lacks ${field}`, () => {
      assert.throws(
        () => parseAct(action(wire)),
        (error) => error instanceof RpcError && error.fieldViolations?.[0]?.field === field,
      );
    });
  }
});

describe("refusalsAsStatus()", () => {
  const STATUSES: readonly (readonly [Error, object])[] = [
    [new OrderRefusedError("part", "must not be negative"), { code: "INVALID_ARGUMENT" }],
    [new NotThereError("part"), { code: "NOT_FOUND", reason: "PART_NOT_FOUND" }],
    [
      new CannotHappenError("the message is a tapback"),
      { code: "FAILED_PRECONDITION", reason: "CANNOT_HAPPEN" },
    ],
    [new DatabaseReplacedError(), { code: "ABORTED", reason: "DATABASE_REPLACED" }],
    [new TypeError("ours"), { name: "TypeError" }],
  ];
  for (const [error, expected] of STATUSES) {
    test(`gives ${error.name} its status`, async () => {
      await assert.rejects(
        refusalsAsStatus(() => Promise.reject(error)),
        expected,
      );
    });
  }

  test("puts the action in front of the field", async () => {
    const refusal = refusalsAsStatus(() => Promise.reject(new OrderRefusedError("part", "must be")), "edit.");
    await assert.rejects(refusal, { fieldViolations: [{ field: "edit.part", description: "must be" }] });
  });
});
