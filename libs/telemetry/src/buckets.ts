/** Upper bounds of a histogram's buckets, rising. All of seconds, except the one of tokens. */
export type Buckets = readonly number[];

/** Below the conventions' 5 ms: a Unix socket, SQLite and the WAL answer in fractions of a millisecond. */
const FAST_PATH_SECONDS = [0.0005, 0.001, 0.0025] as const;

/** RPC and messaging durations as OpenTelemetry's conventions advise, with the fast path in front. */
export const RPC_SECONDS_BUCKETS: Buckets = [
  ...FAST_PATH_SECONDS,
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
];

/** From the moment a person's message was sent until it is ours: from live to an hour of catch-up. */
export const INGEST_LAG_SECONDS_BUCKETS: Buckets = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
];

/** One hop of a message, from a commit seen in 0.3 ms to an hour behind: the ingest lag's, with the fast path in front. */
export const HOP_SECONDS_BUCKETS: Buckets = [...FAST_PATH_SECONDS, 0.005, ...INGEST_LAG_SECONDS_BUCKETS];

/** From a person's message to the accepted reply; a model thinks in seconds. */
export const REPLY_SECONDS_BUCKETS: Buckets = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

/** Durations of model calls, as the gen_ai conventions advise. */
export const GEN_AI_SECONDS_BUCKETS: Buckets = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

/** Tokens of a model call, as the gen_ai conventions advise: powers of 4 from 1 to 67 108 864. */
export const GEN_AI_TOKENS_BUCKETS: Buckets = Array.from({ length: 14 }, (_, power) => 4 ** power);
