/** Bounds of a server. All are positive integers; what is not given has the default. */
export interface ServerLimits {
  /** Streams open at once over all connections; one more gets RESOURCE_EXHAUSTED. Default 256. */
  readonly streamsMax: number;
  /**
   * Unary calls in the works at once over all connections; one more gets RESOURCE_EXHAUSTED. Default 1024.
   */
  readonly unaryMax: number;
  /** HTTP/2 streams at once on one connection; a client queues what is beyond. Default 512. */
  readonly connectionStreamsMax: number;
  /** Largest message in either direction, in bytes. Default 4 MiB, as every gRPC client's own default. */
  readonly messageBytesMax: number;
  /** Deadline of a unary call whose client sets none, in milliseconds. Default 30 s. */
  readonly unaryDeadlineMs: number;
  /** How long streams may take to say goodbye when the server drains, in milliseconds. Default 3 s. */
  readonly streamDrainMs: number;
  /**
   * How long unary calls may take to finish after that, in milliseconds. Default 5 s. Both together stay
   * below the clients' keepalive interval (20 s): a ping after the GOAWAY kills what is in flight
   * (grpc-node#3068, grpc-js 1.14.7).
   */
  readonly unaryDrainMs: number;
}

/** The defaults. */
export const SERVER_LIMITS: ServerLimits = {
  streamsMax: 256,
  unaryMax: 1_024,
  connectionStreamsMax: 512,
  messageBytesMax: 4 * 1_024 * 1_024,
  unaryDeadlineMs: 30_000,
  streamDrainMs: 3_000,
  unaryDrainMs: 5_000,
};
