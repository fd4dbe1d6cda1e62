import { unreachable } from "@imesh/flow";
import { unixNsToAppleTime } from "@imesh/imessage-model";
import type { Clock } from "@imesh/time";
import type { ChatDatabase } from "../mac/chat-database.ts";
import type { Tables } from "../mac/tables.ts";
import { cloudRecord } from "../messages/cloud-record.ts";
import { SeededRandom } from "../messages/seeded-random.ts";
import { detectData } from "./data-detection.ts";

/** Kinds of upkeep; the words of imesh.simulator.v1.MaintenanceKind, where they are explained. */
export const MAINTENANCE_KINDS = [
  "cloudkit",
  "spotlight",
  "data-detection",
  "chat-counters",
  "tasks",
  "vacuum",
] as const;

/** See {@link MAINTENANCE_KINDS}. */
export type MaintenanceKind = (typeof MAINTENANCE_KINDS)[number];

/** One piece of upkeep. */
export interface MaintenanceOrder {
  readonly kind: MaintenanceKind;
  /** Rows it touches, of whatever age; for "vacuum" pages it gives back at most. At least 1. */
  readonly rows: number;
  /** Of the choice of rows and of what is written. */
  readonly seed: bigint;
}

/** Collaborators of {@link maintain}. */
export interface MaintenancePorts {
  readonly database: ChatDatabase;
  readonly clock: Clock;
}

/** What a task carries, in bytes: enough to fill pages of its own, which "vacuum" moves others onto later. */
const TASK_BYTES_MAX = 6_000;

/**
 * What Apple does to its database all the time and no person sees: nothing of it is in the ground truth. One transaction,
 * two of "tasks", three of "vacuum". Rows that are not there or have nothing to work on are passed over.
 */
export function maintain(order: MaintenanceOrder, { database, clock }: MaintenancePorts): void {
  const { kind, rows, seed } = order;
  const random = new SeededRandom(seed, `${kind} ${database.uniqueIdentifier} ${database.saves}`);
  const touch = (touchOne: (tables: Tables) => void) => {
    database.save((tables) => {
      for (let row = 0; row < rows; row += 1) touchOne(tables);
    });
  };
  switch (kind) {
    case "cloudkit":
      touch((tables) => syncOne(tables, random));
      break;
    case "spotlight":
      touch((tables) => reindexOne(tables, random));
      break;
    case "data-detection":
      touch((tables) => detectOne(tables, random));
      break;
    case "chat-counters": {
      const date = unixNsToAppleTime(clock.wallUnixNs());
      touch((tables) => countOne(tables, date, random));
      break;
    }
    case "tasks":
      touch((tables) => addTask(tables, random));
      database.save(({ upkeep }) => upkeep.removeTasks());
      break;
    case "vacuum":
      // Tasks of the last time leave holes, in the middle of the file when anything was written since.
      database.save(({ upkeep }) => upkeep.removeTasks());
      database.maintain((writer) => writer.pragma(`incremental_vacuum(${rows})`));
      touch((tables) => addTask(tables, random));
      break;
    default:
      unreachable(kind);
  }
}

function syncOne({ messages, upkeep }: Tables, random: SeededRandom): void {
  const rowid = upkeep.messageFrom(anyUpTo(messages.head(), random));
  if (rowid !== undefined) upkeep.sync(rowid, cloudRecord(random));
}

function reindexOne({ messages, upkeep }: Tables, random: SeededRandom): void {
  const rowid = upkeep.messageFrom(anyUpTo(messages.head(), random));
  if (rowid !== undefined) upkeep.reindex(rowid);
}

function detectOne({ messages, upkeep }: Tables, random: SeededRandom): void {
  const stored = upkeep.bodyFrom(anyUpTo(messages.head(), random));
  const detected = stored && detectData(stored.attributedBody, random);
  if (detected !== undefined) upkeep.setDetectedBody(stored?.rowid ?? 0n, detected);
}

function countOne({ chats, upkeep }: Tables, date: bigint, random: SeededRandom): void {
  const rowid = upkeep.chatFrom(anyUpTo(chats.count(), random));
  if (rowid !== undefined) upkeep.setLastRead(rowid, date);
}

function addTask({ messages, upkeep }: Tables, random: SeededRandom): void {
  const rowid = upkeep.messageFrom(anyUpTo(messages.head(), random));
  const userInfo = new Uint8Array(random.integer(1, TASK_BYTES_MAX)).fill(0x55);
  if (rowid !== undefined) upkeep.addTask(rowid, { priority: random.integer(0, 9), userInfo });
}

function anyUpTo(head: bigint, random: SeededRandom): bigint {
  return BigInt(random.integer(1, Math.max(Number(head), 1)));
}
