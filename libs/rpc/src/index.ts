export type { CallContext } from "./call-context.ts";
export { type ChannelSettings, channelOptions } from "./channel-options.ts";
export { type ClientConstructor, type ConnectOptions, connect } from "./connect.ts";
export {
  aborted,
  alreadyExists,
  cancelled,
  dataLoss,
  deadlineExceeded,
  failedPrecondition,
  invalidArgument,
  type NamedFacts,
  notFound,
  outOfRange,
  permissionDenied,
  resourceExhausted,
  unauthenticated,
  unavailable,
  unimplemented,
} from "./errors.ts";
export type { FinishedCall, FinishedStream, FinishedUnaryCall } from "./finished-call.ts";
export {
  type AnyHandler,
  type BidiStreamHandler,
  bidiStream,
  type HandlerOf,
  type RequestOf,
  type ResponseOf,
  type RpcService,
  rpcService,
  type ServerStreamHandler,
  type ServiceImplementation,
  serverStream,
  serviceName,
  type UnaryHandler,
  unary,
  type WireMethod,
  type WireService,
  type Write,
} from "./handlers.ts";
export { HealthRegistry, type HealthState, type HealthStatus } from "./health.ts";
export { AddressInUseError, ListenError, type ListenFault } from "./listen-error.ts";
export type { RpcObserver } from "./observer.ts";
export type { Peer } from "./peer.ts";
export type { CallOptions, RpcClient, StreamName, StreamOptions, UnaryName } from "./rpc-client.ts";
export {
  ERROR_DOMAIN,
  type FieldViolation,
  type PreconditionViolation,
  type RpcCode,
  RpcError,
  type RpcErrorCode,
  type RpcErrorFacts,
} from "./rpc-error.ts";
export { type RpcServer, type RpcServerOptions, startRpcServer } from "./server.ts";
export { SERVER_LIMITS, type ServerLimits } from "./server-limits.ts";
export { fromServiceError, toRpcError, toServiceError } from "./service-error.ts";
export {
  backoffTo,
  type StreamAttempt,
  type StreamEnd,
  type SubscriptionOptions,
  type SubscriptionState,
  subscribeForever,
} from "./subscription.ts";
export { extractTraceContext, injectTraceContext, type TraceContext } from "./tracing.ts";
export { bindUnixSocket } from "./unix-socket.ts";
