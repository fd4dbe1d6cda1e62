import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  Backfill,
  DisturbanceKind,
  DisturbRequest,
  ListVisibleChangesRequest,
  Maintain,
  MaintenanceKind,
  PlayRequest,
} from "@imesh/contracts/simulator/v1";
import { DISTURBANCES, REPLACEMENTS } from "../disturbances/disturbance.ts";
import { MAINTENANCE_KINDS } from "../maintenance/maintenance.ts";
import {
  parseBackfill,
  parseChangesPage,
  parseDisturb,
  parseMaintain,
  parsePlay,
} from "./database-requests.ts";

const seconds = (count: number) => ({ seconds: BigInt(count), nanos: 0 });

/** Fields an INVALID_ARGUMENT names. */
function refusedFields(parse: () => unknown): readonly string[] {
  try {
    parse();
  } catch (error) {
    const { code, fieldViolations } = error as {
      code: string;
      fieldViolations: readonly { field: string }[];
    };
    assert.equal(code, "INVALID_ARGUMENT");
    return fieldViolations.map(({ field }) => field);
  }
  return [];
}

/** Values of a wire enum but for "unspecified" and "unrecognized". */
function kinds<Kind extends number>(wire: Readonly<Record<string, Kind>>): readonly Kind[] {
  return Object.values(wire).filter((value) => value > 0);
}

describe("parseDisturb()", () => {
  test("knows every kind, each as another one", () => {
    const known = kinds(DisturbanceKind).map(
      (kind) => parseDisturb(DisturbRequest.fromPartial({ kind })).kind,
    );
    assert.deepEqual(known.toSorted(), [...DISTURBANCES, ...REPLACEMENTS].toSorted());
    const order = parseDisturb({ kind: DisturbanceKind.WRITER_KILLED, rows: 0, seed: 7n });
    assert.deepEqual(order, { kind: "writer-killed", rows: 50, seed: 7n });
  });

  test("names every wrong field", () => {
    const wrong = DisturbRequest.fromPartial({ rows: 10_001 });
    assert.deepEqual(
      refusedFields(() => parseDisturb(wrong)),
      ["kind", "rows"],
    );
  });
});

describe("parseMaintain()", () => {
  test("knows every kind, each as another one", () => {
    const known = kinds(MaintenanceKind).map((kind) => parseMaintain(Maintain.fromPartial({ kind })).kind);
    assert.deepEqual(known.toSorted(), [...MAINTENANCE_KINDS].toSorted());
    const order = parseMaintain({ kind: MaintenanceKind.TASKS, rows: 0, seed: 7n });
    assert.deepEqual(order, { kind: "tasks", rows: 1, seed: 7n });
  });

  test("names every wrong field", () => {
    assert.deepEqual(
      refusedFields(() => parseMaintain(Maintain.fromPartial({ rows: -1 }))),
      ["maintain.kind", "maintain.rows"],
    );
  });
});

describe("parseBackfill()", () => {
  const request = Backfill.fromPartial({
    messages: 10,
    chats: 2,
    newestAge: seconds(60),
    spacing: seconds(1),
    seed: 3n,
  });

  test("fills the batch in", () => {
    const order = {
      messages: 10,
      chats: 2,
      newestAgeNs: 60_000_000_000n,
      spacingNs: 1_000_000_000n,
      batch: 50,
      seed: 3n,
    };
    assert.deepEqual(parseBackfill(request), order);
    assert.deepEqual(parseBackfill({ ...request, batch: 7 }), { ...order, batch: 7 });
  });

  test("names every wrong field", () => {
    const wrong = {
      ...request,
      messages: 0,
      chats: 1_001,
      newestAge: seconds(-1),
      spacing: seconds(-1),
      batch: 1_001,
    };
    assert.deepEqual(
      refusedFields(() => parseBackfill(wrong)),
      ["backfill.messages", "backfill.chats", "backfill.newest_age", "backfill.spacing", "backfill.batch"],
    );
    const tooOld = { ...request, messages: 100_000, spacing: seconds(86_400) };
    assert.deepEqual(
      refusedFields(() => parseBackfill(tooOld)),
      ["backfill.spacing"],
    );
  });
});

describe("parsePlay()", () => {
  test("names every wrong field", () => {
    const right = PlayRequest.fromPartial({ seed: 1n, steps: 1_000_000, hasReplacements: true });
    assert.deepEqual(parsePlay(right), {
      seed: 1n,
      steps: 1_000_000,
      ratePerSecond: 0,
      hasDisturbances: false,
      hasReplacements: true,
    });
    assert.deepEqual(
      refusedFields(() => parsePlay({ ...right, steps: 0, ratePerSecond: Number.NaN })),
      ["steps", "rate_per_second"],
    );
  });
});

describe("parseChangesPage()", () => {
  test("defaults to 1000 and caps at 10000", () => {
    const limits = [0, 7, 20_000].map((pageSize) => parseChangesPage({ afterSequence: 3n, pageSize }));
    assert.deepEqual(limits, [
      { afterSequence: 3n, limit: 1_000 },
      { afterSequence: 3n, limit: 7 },
      { afterSequence: 3n, limit: 10_000 },
    ]);
  });

  test("names every wrong field", () => {
    const wrong = ListVisibleChangesRequest.fromPartial({ afterSequence: 2n ** 63n, pageSize: -1 });
    assert.deepEqual(
      refusedFields(() => parseChangesPage(wrong)),
      ["page_size", "after_sequence"],
    );
  });
});
