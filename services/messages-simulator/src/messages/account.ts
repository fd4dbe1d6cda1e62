import { accountLogin } from "./address.ts";

/** The one account Messages is signed in to. */
export interface Account {
  /** Own address, canonical. */
  readonly address: string;
  /** `P:<number>` or `E:<mail>`. */
  readonly login: string;
  /** Upper-case UUID, for the life of the database. */
  readonly guid: string;
}

/** Makes one. */
export function makeAccount(address: string, guid: string): Account {
  return { address, login: accountLogin(address), guid };
}
