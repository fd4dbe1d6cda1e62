import { BrokerConnection } from "@imesh/contracts/bridge/v1";
import { localTimeOf } from "../terminal/duration.ts";
import type { Style } from "../terminal/style.ts";
import { type Cell, cell, tableLines } from "../terminal/table.ts";
import { isWhole, lagOf, type ServiceState, type StackStatus } from "./stack-status.ts";

/** A stack's status for people: who runs it, each service, how far everything is. */
export function statusLines(status: StackStatus, style: Style): string[] {
  const { home, owner } = status;
  const who =
    owner === undefined
      ? style("bad", "nobody runs it: imesh start does")
      : style(
          "dim",
          `${owner.mode === "mac" ? "real Messages" : "simulated Mac"}, pid ${owner.pid}, since ${localTimeOf(owner.startedAt)}`,
        );
  return [
    `${style("strong", home.path)}  ${who}`,
    ...tableLines(
      status.services.map((service) => serviceRow(service, style)),
      "  ",
    ),
    ...tableLines(progressRows(status), "  "),
  ];
}

/** A stack's status as `--json` prints it. Keys are stable; null for what did not answer. */
export function statusRecord(status: StackStatus): Readonly<Record<string, unknown>> {
  const { home, owner, broker, bridge, agent } = status;
  const lag = lagOf(status);
  return {
    home: home.path,
    running: owner !== undefined,
    healthy: isWhole(status),
    owner: owner ?? null,
    services: status.services.map((service) => ({
      service: service.service,
      health: service.health.kind,
      detail: service.health.kind === "serving" ? "" : service.health.detail,
      pid: service.pid ?? null,
      startedAt: service.startedAt ?? null,
      addresses: service.addresses,
      metrics: service.metricsUrl ?? null,
    })),
    database:
      broker === undefined
        ? null
        : {
            headRowid: broker.headRowid,
            clientVersion: broker.clientVersion,
            sqliteVersion: broker.sqliteVersion,
          },
    journal:
      bridge === undefined
        ? null
        : {
            journalId: bridge.journalId,
            headSequence: bridge.headSequence,
            databaseHeadRowid: bridge.databaseHeadRowid,
            broker: brokerWord(bridge.broker),
            subscribers: bridge.subscribers,
            openCommands: bridge.openCommands,
          },
    agent:
      agent === undefined
        ? null
        : {
            finishedSequence: agent.finishedSequence,
            openTurns: agent.openTurns,
            connected: agent.connected,
            model: agent.model,
            modelEndpoint: agent.modelEndpoint,
          },
    lag: { rows: lag.rows ?? null, events: lag.events ?? null },
  };
}

function serviceRow({ service, health, pid, addresses, metricsUrl }: ServiceState, style: Style): Cell[] {
  const isServing = health.kind === "serving";
  const word = isServing ? "serving" : "down";
  const places = [...addresses, ...(metricsUrl === undefined ? [] : [metricsUrl])];
  return [
    cell(service),
    { text: word, shown: style(isServing ? "good" : "bad", word) },
    cell(pid === undefined ? "" : `pid ${pid}`),
    cell(health.kind === "serving" ? places.join("  ") : health.detail),
  ];
}

function progressRows(status: StackStatus): Cell[][] {
  const { broker, bridge, agent } = status;
  const lag = lagOf(status);
  const rows: (readonly [string, string, string])[] = [];
  if (broker !== undefined) {
    const versions = `Messages schema ${broker.clientVersion || "unknown"}, SQLite ${broker.sqliteVersion}`;
    rows.push(["database", `row ${broker.headRowid}`, versions]);
  }
  if (bridge !== undefined) {
    const behind = lag.rows === undefined ? "" : `, ${lag.rows} rows behind`;
    const details = `broker ${brokerWord(bridge.broker)}${behind}, ${bridge.subscribers} subscribers, ${bridge.openCommands} open commands`;
    rows.push(["journal", `event ${bridge.headSequence}`, details]);
  }
  if (agent !== undefined) {
    const behind = lag.events === undefined ? "" : `${lag.events} events behind, `;
    const details = `${behind}${agent.openTurns} open turns, ${agent.model} at ${agent.modelEndpoint}`;
    rows.push(["agent", `event ${agent.finishedSequence}`, details]);
  }
  return rows.map((row) => row.map(cell));
}

function brokerWord(connection: number): "disconnected" | "catching-up" | "live" | "unspecified" {
  switch (connection) {
    case BrokerConnection.DISCONNECTED:
      return "disconnected";
    case BrokerConnection.CATCHING_UP:
      return "catching-up";
    case BrokerConnection.LIVE:
      return "live";
    default:
      return "unspecified";
  }
}
