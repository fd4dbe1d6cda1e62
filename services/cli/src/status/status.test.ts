import assert from "node:assert/strict";
import { test } from "node:test";
import { BrokerConnection } from "@imesh/contracts/bridge/v1";
import { homeAt } from "../home/home.ts";
import { formatLocalTime } from "../terminal/duration.ts";
import { PLAIN } from "../terminal/style.ts";
import { isWhole, lagOf, type StackStatus } from "./stack-status.ts";
import { statusLines, statusRecord } from "./status-lines.ts";

const HOME = homeAt("/h", {
  workingDirectory: "/",
  userDirectory: "/",
  temporaryDirectory: "/tmp",
  userId: 1,
  variables: {},
});

const WHOLE: StackStatus = {
  home: HOME,
  owner: {
    pid: 9,
    startedAt: "2026-01-02T03:04:05.000Z",
    mode: "simulated",
    services: ["lock-broker", "agent"],
  },
  services: [
    {
      service: "lock-broker",
      health: { kind: "serving" },
      pid: 10,
      startedAt: "2026-01-02T03:04:05.100Z",
      addresses: ["unix:/h/run/lock-broker.sock"],
      metricsUrl: "http://127.0.0.1:9464/metrics",
    },
    {
      service: "agent",
      health: { kind: "serving" },
      pid: 11,
      startedAt: "2026-01-02T03:04:05.200Z",
      addresses: [],
      metricsUrl: undefined,
    },
  ],
  broker: { headRowid: 42n, clientVersion: "26005", sqliteVersion: "3.54.1" },
  bridge: {
    journalId: "J",
    headSequence: 100n,
    databaseHeadRowid: 40n,
    subscribers: 1,
    openCommands: 2,
    broker: BrokerConnection.LIVE,
  },
  agent: {
    journalId: "J",
    finishedSequence: 97n,
    openTurns: 1,
    connected: true,
    model: "m",
    modelEndpoint: "api.anthropic.com",
  },
};

test("lagOf() counts what is on its way, and says nothing where somebody did not answer", () => {
  assert.deepEqual(lagOf(WHOLE), { rows: 2n, events: 3n });
  assert.deepEqual(lagOf({ ...WHOLE, broker: undefined }), { rows: undefined, events: 3n });
  assert.deepEqual(lagOf({ ...WHOLE, agent: undefined }), { rows: 2n, events: undefined });
  const agent = { ...WHOLE.agent, journalId: "another" } as NonNullable<StackStatus["agent"]>;
  assert.deepEqual(lagOf({ ...WHOLE, agent }), { rows: 2n, events: undefined });
});

test("lagOf() is never negative: the two are asked one after the other", () => {
  const broker = { headRowid: 39n, clientVersion: "", sqliteVersion: "" };
  assert.equal(lagOf({ ...WHOLE, broker }).rows, 0n);
});

test("statusLines() aligns services and progress", () => {
  assert.deepEqual(statusLines(WHOLE, PLAIN), [
    `/h  simulated Mac, pid 9, since ${formatLocalTime(1_767_323_045_000_000_000n)}`,
    "  lock-broker  serving  pid 10  unix:/h/run/lock-broker.sock  http://127.0.0.1:9464/metrics",
    "  agent        serving  pid 11",
    "  database  row 42     Messages schema 26005, SQLite 3.54.1",
    "  journal   event 100  broker live, 2 rows behind, 1 subscribers, 2 open commands",
    "  agent     event 97   3 events behind, 1 open turns, m at api.anthropic.com",
  ]);
});

test("a service that is down says why, and the stack is not whole", () => {
  const [first] = WHOLE.services;
  assert.ok(first !== undefined);
  const down = { ...first, health: { kind: "not-serving", detail: "it does not listen" } } as const;
  const status = { ...WHOLE, services: [down], broker: undefined, bridge: undefined, agent: undefined };
  assert.equal(isWhole(status), false);
  assert.deepEqual(statusLines(status, PLAIN).slice(1), ["  lock-broker  down  pid 10  it does not listen"]);
});

test("statusRecord() has the same keys whether or not anybody answers", () => {
  const silent = {
    ...WHOLE,
    owner: undefined,
    services: [],
    broker: undefined,
    bridge: undefined,
    agent: undefined,
  };
  assert.deepEqual(Object.keys(statusRecord(silent)), Object.keys(statusRecord(WHOLE)));
  assert.deepEqual(statusRecord(silent).lag, { rows: null, events: null });
});
