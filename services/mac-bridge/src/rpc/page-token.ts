import { invalidArgument } from "@imesh/rpc";

const ORDINAL = /^c1\.([1-9]\d{0,18})$/;

/** Opaque to callers: the ordinal that the next page lies below. */
export function pageTokenOf(ordinal: bigint): string {
  return Buffer.from(`c1.${ordinal}`).toString("base64url");
}

/** The ordinal of a token, or null for the empty one. Throws INVALID_ARGUMENT, reason PAGE_TOKEN_INVALID. */
export function ordinalOfPageToken(token: string): bigint | null {
  if (token === "") return null;
  const match = ORDINAL.exec(Buffer.from(token, "base64url").toString("latin1"));
  if (match?.[1] === undefined) {
    throw invalidArgument(
      [{ field: "page_token", description: "must be the next_page_token of the page before" }],
      {
        reason: "PAGE_TOKEN_INVALID",
      },
    );
  }
  return BigInt(match[1]);
}
