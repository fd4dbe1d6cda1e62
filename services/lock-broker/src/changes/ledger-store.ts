import { assert } from "@imesh/flow";
import type { Database, Statement } from "better-sqlite3";
import type { LogPlace } from "../capture/candidates.ts";
import { PRINTS_VERSION } from "../rows/prints.ts";
import type { DatabaseIdentity } from "../rows/rows.ts";
import { decodeScanPlan, encodeScanPlan, type ScanPlan } from "./scan-plan.ts";

/** Which chat.db the ledger follows. */
export interface Binding {
  readonly databaseUid: string;
  readonly device: bigint;
  readonly inode: bigint;
}

interface StoreColumns {
  readonly store_id: Buffer;
  readonly begun_unix_us: bigint;
  readonly database_uid: string | null;
  readonly device: bigint | null;
  readonly inode: bigint | null;
  readonly generation: bigint;
  readonly scan: string | null;
  readonly prints_version: bigint;
}

interface PlaceColumns {
  readonly inode: bigint | null;
  readonly salt1: bigint;
  readonly salt2: bigint;
  readonly frames: bigint;
  readonly checksum1: bigint;
  readonly checksum2: bigint;
}

type PlaceValues = [bigint, number, number, number, number, number];

/** The ledger's single rows, kept in memory too. Writes are called inside its transaction; after one that failed, {@link reload}. */
export class LedgerStore {
  /** Upper-case hex, 32 characters. */
  readonly storeId: string;
  /** When the ledger was begun, Unix microseconds. */
  readonly begunUnixUs: bigint;
  readonly #store: Statement<[], StoreColumns>;
  readonly #place: Statement<[], PlaceColumns>;
  readonly #bind: Statement<[string, bigint, bigint, bigint]>;
  readonly #putGeneration: Statement<[bigint, string, string]>;
  readonly #getGeneration: Statement<[bigint], { readonly database_uid: string; readonly label: string }>;
  readonly #putScan: Statement<[string | null]>;
  readonly #renew: Statement<[number]>;
  readonly #putPlace: Statement<PlaceValues>;
  readonly #clearPlace: Statement<[]>;
  #binding: Binding | undefined;
  #generation = 0n;
  #scan: ScanPlan;
  #logPlace: LogPlace | undefined;
  #printsVersion = 0;

  /** If the store is new, `fresh` names it by 16 bytes and says when it is begun. */
  constructor(database: Database, fresh: { readonly id: Buffer; readonly begunUnixUs: bigint }) {
    database.transaction(() => {
      database
        .prepare(
          `INSERT INTO store (id, store_id, begun_unix_us, generation, prints_version) VALUES (1, ?, ?, 0, ?)
           ON CONFLICT DO NOTHING`,
        )
        .run(fresh.id, fresh.begunUnixUs, PRINTS_VERSION);
      database.prepare("INSERT INTO log_place (id) VALUES (1) ON CONFLICT DO NOTHING").run();
    })();
    this.#store = database.prepare(
      `SELECT store_id, begun_unix_us, database_uid, device, inode, generation, scan, prints_version
       FROM store WHERE id = 1`,
    );
    this.#place = database.prepare(
      "SELECT inode, salt1, salt2, frames, checksum1, checksum2 FROM log_place WHERE id = 1",
    );
    this.#bind = database.prepare(
      "UPDATE store SET database_uid = ?, device = ?, inode = ?, generation = ? WHERE id = 1",
    );
    this.#putGeneration = database.prepare(
      `INSERT INTO generation (generation, database_uid, label) VALUES (?, ?, ?)
       ON CONFLICT (generation) DO UPDATE SET database_uid = excluded.database_uid, label = excluded.label`,
    );
    this.#getGeneration = database.prepare("SELECT database_uid, label FROM generation WHERE generation = ?");
    this.#putScan = database.prepare("UPDATE store SET scan = ? WHERE id = 1");
    this.#renew = database.prepare("UPDATE store SET prints_version = ? WHERE id = 1");
    this.#putPlace = database.prepare(
      `UPDATE log_place SET inode = ?, salt1 = ?, salt2 = ?, frames = ?, checksum1 = ?, checksum2 = ?
       WHERE id = 1`,
    );
    this.#clearPlace = database.prepare("UPDATE log_place SET inode = NULL WHERE id = 1");
    const store = this.#store.get();
    assert(store !== undefined, "the ledger has its row");
    this.storeId = store.store_id.toString("hex").toUpperCase();
    this.begunUnixUs = store.begun_unix_us;
    this.#scan = decodeScanPlan(store.scan);
    this.reload();
  }

  /** Undefined until the first database was met. */
  get binding(): Binding | undefined {
    return this.#binding;
  }

  /** Number of the database that is followed; 0 before the first. */
  get generation(): bigint {
    return this.#generation;
  }

  get scan(): ScanPlan {
    return this.#scan;
  }

  /** Where reading the log goes on; undefined: nowhere known. */
  get logPlace(): LogPlace | undefined {
    return this.#logPlace;
  }

  /** Reads again what is kept in memory. */
  reload(): void {
    const store = this.#store.get();
    assert(store !== undefined, "the ledger has its row");
    const { database_uid: databaseUid, device, inode, generation } = store;
    const isBound = databaseUid !== null && device !== null && inode !== null;
    this.#binding = isBound ? { databaseUid, device: unsigned(device), inode: unsigned(inode) } : undefined;
    this.#generation = generation;
    this.#scan = decodeScanPlan(store.scan);
    this.#printsVersion = Number(store.prints_version);
    const place = this.#place.get();
    this.#logPlace = place === undefined || place.inode === null ? undefined : toPlace(place, place.inode);
  }

  /** Follows a database under `generation`, a number of its own or the present one. */
  bind(binding: Binding, generation: bigint, identity: DatabaseIdentity): void {
    const { databaseUid, device, inode } = binding;
    this.#bind.run(databaseUid, signed(device), signed(inode), generation);
    this.#putGeneration.run(generation, identity.databaseUid, identity.generation);
    this.#binding = binding;
    this.#generation = generation;
  }

  /** The database of a generation, as the wire names it. */
  identityOf(generation: bigint): DatabaseIdentity | undefined {
    const columns = this.#getGeneration.get(generation);
    return columns === undefined
      ? undefined
      : { databaseUid: columns.database_uid, generation: columns.label };
  }

  /** The prints are of the version that this broker makes. Else nothing may be read of them but ROWIDs and guids. */
  get arePrintsCurrent(): boolean {
    return this.#printsVersion === PRINTS_VERSION;
  }

  /** From now on they are; who calls it has cleared them. */
  renewPrints(): void {
    this.#renew.run(PRINTS_VERSION);
    this.#printsVersion = PRINTS_VERSION;
  }

  putScan(plan: ScanPlan): void {
    this.#putScan.run(encodeScanPlan(plan));
    this.#scan = plan;
  }

  putLogPlace(place: LogPlace | undefined): void {
    if (place === undefined) {
      this.#clearPlace.run();
    } else {
      const { inode, salt1, salt2, frames, checksum1, checksum2 } = place;
      this.#putPlace.run(signed(inode), salt1, salt2, frames, checksum1, checksum2);
    }
    this.#logPlace = place;
  }
}

function toPlace(place: PlaceColumns, inode: bigint): LogPlace {
  return {
    inode: unsigned(inode),
    salt1: Number(place.salt1),
    salt2: Number(place.salt2),
    frames: Number(place.frames),
    checksum1: Number(place.checksum1),
    checksum2: Number(place.checksum2),
  };
}

/** SQLite's integers are signed; the system's device and inode numbers are not. */
function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
