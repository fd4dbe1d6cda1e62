/** What a value of `message.error` says. */
export interface SendErrorMeaning {
  /** The column value. */
  readonly code: number;
  /** Stable kebab-case word for labels and the wire; "unrecognised" for codes that are not in the table. */
  readonly name: string;
  /** One sentence part for people, without names or content. */
  readonly meaning: string;
}

// FZErrorType, by code. 22 is the one to expect: the address is not on iMessage.
const MEANINGS: readonly (readonly [name: string, meaning: string])[] = [
  ["none", "no error"],
  ["unknown", "Messages gives no reason"],
  ["cancelled", "the send was cancelled"],
  ["timeout", "no answer in time"],
  ["send-failed", "the send failed"],
  ["internal", "an error inside Messages"],
  ["network-failure", "the network failed"],
  ["lookup-failed", "the address could not be looked up"],
  ["connection-failed", "no connection to the server"],
  ["no-network", "this Mac has no network"],
  ["network-busy", "the network is busy"],
  ["network-denied", "the network was denied"],
  ["server-signature", "the server refused the signature"],
  ["server-decode", "the server could not decode the request"],
  ["server-parse", "the server could not parse the request"],
  ["server-internal", "an error inside the server"],
  ["server-invalid-request", "the server calls the request invalid"],
  ["malformed", "the request was malformed"],
  ["unknown-request", "the server does not know the request"],
  ["invalid-token", "the token is invalid"],
  ["rejected", "the server rejected the message"],
  ["remote-user-invalid", "the recipient's address is invalid"],
  ["remote-user-does-not-exist", "the recipient is not on iMessage"],
  ["remote-user-incompatible", "the recipient's device is incompatible"],
  ["remote-user-rejected", "the recipient's side rejected the message"],
  ["transcoding-failed", "an attachment could not be converted"],
  ["encryption-failed", "the message could not be encrypted"],
  ["decryption-failed", "the message could not be decrypted"],
  ["off-the-record-encryption-failed", "the off-the-record session could not encrypt"],
  ["off-the-record-decryption-failed", "the off-the-record session could not decrypt"],
  ["local-account-disabled", "the account of this Mac is disabled"],
  ["local-account-missing", "this Mac has no account for the service"],
  ["local-account-needs-update", "the account of this Mac needs attention"],
  ["local-account-invalid", "the account of this Mac is invalid"],
  ["attachment-upload-failed", "an attachment could not be uploaded"],
  ["attachment-download-failed", "an attachment could not be downloaded"],
  ["message-attachment-upload-failed", "the attachment of the message could not be uploaded"],
  ["message-attachment-download-failed", "the attachment of the message could not be downloaded"],
  ["system-needs-update", "this Mac needs a system update"],
  ["service-crashed", "the messaging service crashed"],
  ["local-credentials-invalid", "the credentials of this Mac are invalid"],
  ["attachment-file-not-found", "the file to attach does not exist"],
  ["text-rendering-failed", "the text did not pass the rendering check"],
];

/** Explains `message.error`; total: unknown codes are named "unrecognised" and keep their number. */
export function sendErrorMeaning(code: number): SendErrorMeaning {
  const entry = MEANINGS[code];
  if (entry === undefined) {
    return { code, name: "unrecognised", meaning: `an error code without a known meaning (${code})` };
  }
  return { code, name: entry[0], meaning: entry[1] };
}
