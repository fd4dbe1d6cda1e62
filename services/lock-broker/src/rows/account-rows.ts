import { type ColumnValues, toText } from "./column-values.ts";
import { columnOf, NAME_BYTES_MAX, upTo } from "./query-text.ts";
import type { StoredAccount } from "./rows.ts";
import type { ChatDbSchema } from "./schema-probe.ts";
import type { Query, Statements } from "./statements.ts";

/** Newest messages that are looked at: some 5 ms. */
const MESSAGES_LOOKED_AT = 5_000;

/** Newest chats that are looked at. */
const CHATS_LOOKED_AT = 2_000;

/** Accounts that are told; a Mac has one or two. */
const ACCOUNTS_MAX = 64;

/** Addresses and services of one account that are told. */
const ADDRESSES_MAX = 16;
const SERVICES_MAX = 16;

/** An account, an own address and a service that were seen together. */
interface Sighting {
  readonly login: string | undefined;
  readonly address: string | undefined;
  readonly service: string | undefined;
}

/** Reads which accounts Messages uses, as far as its rows show. */
export class AccountRows {
  readonly #inMessages: Query<ColumnValues>;
  readonly #inChats: Query<ColumnValues>;

  constructor(statements: Statements, schema: ChatDbSchema) {
    const message = (column: string) => upTo(NAME_BYTES_MAX, columnOf(schema, "message", "m", column));
    const chat = (column: string) => upTo(NAME_BYTES_MAX, columnOf(schema, "chat", "c", column));
    this.#inMessages = statements.rows(`SELECT login, address, service, MAX(rowid) AS newest FROM (
      SELECT ${message("account")} AS login, ${message("destination_caller_id")} AS address,
        ${message("service")} AS service, m.ROWID AS rowid FROM message m ORDER BY m.ROWID DESC LIMIT ${MESSAGES_LOOKED_AT})
      WHERE login IS NOT NULL GROUP BY login, address, service ORDER BY newest DESC`);
    this.#inChats = statements.rows(`SELECT login, address, service, MAX(rowid) AS newest FROM (
      SELECT ${chat("account_login")} AS login, ${chat("last_addressed_handle")} AS address,
        ${chat("service_name")} AS service, c.ROWID AS rowid FROM chat c ORDER BY c.ROWID DESC LIMIT ${CHATS_LOOKED_AT})
      WHERE login IS NOT NULL GROUP BY login, address, service ORDER BY newest DESC`);
  }

  /** By login, at most 64: those of the newest 5,000 messages and the newest 2,000 chats. */
  accounts(): readonly StoredAccount[] {
    return accountsOf([...this.#inMessages.all(), ...this.#inChats.all()].map(toSighting));
  }
}

/** Accounts by login, with what was seen with each, the first sighting first. Pure. */
export function accountsOf(sightings: readonly Sighting[]): readonly StoredAccount[] {
  const found = new Map<string, { readonly addresses: Set<string>; readonly services: Set<string> }>();
  for (const { login, address, service } of sightings) {
    if (login === undefined || login === "") continue;
    const account = found.get(login) ?? { addresses: new Set(), services: new Set() };
    if (found.size >= ACCOUNTS_MAX && !found.has(login)) continue;
    found.set(login, account);
    if (address !== undefined && address !== "" && account.addresses.size < ADDRESSES_MAX) {
      account.addresses.add(address);
    }
    if (service !== undefined && service !== "" && account.services.size < SERVICES_MAX) {
      account.services.add(service);
    }
  }
  return [...found]
    .map(([login, { addresses, services }]) => ({
      login,
      addresses: [...addresses],
      services: [...services].sort(),
    }))
    .sort((left, right) => (left.login < right.login ? -1 : 1));
}

function toSighting(values: ColumnValues): Sighting {
  return { login: toText(values.login), address: toText(values.address), service: toText(values.service) };
}
