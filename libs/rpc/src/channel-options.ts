import type { ChannelOptions } from "@grpc/grpc-js";

/** What differs from client to client. */
export interface ChannelSettings {
  /**
   * HTTP/2 receive window in bytes, which bounds what one stream has under way: window / round trip is its
   * throughput. Default 1 MiB, for events; 4 to 8 MiB for attachments.
   */
  readonly flowControlWindowBytes?: number;
  /** Largest message in either direction, in bytes. Default 4 MiB, the servers' own bound. */
  readonly messageBytesMax?: number;
  /** Silence after which the connection is probed while calls are open, in milliseconds. Default 20 s. */
  readonly keepaliveMs?: number;
  /**
   * Time for the answer to a probe, in milliseconds; then the connection is dropped (UNAVAILABLE). Default 10
   * s.
   */
  readonly keepaliveTimeoutMs?: number;
  /**
   * Methods ("package.Service/Method") that are tried up to three times while the server is UNAVAILABLE. Only
   * for those that can be repeated: reads, and commands that carry a request_id.
   */
  readonly retriedMethods?: readonly string[];
}

const MIB = 1_024 * 1_024;

/**
 * Options of every client channel: nothing that matters is left to a default. `isLocal`: the server is on this
 * machine (a Unix socket), where looking again costs microseconds and no herd gathers, so its restart is
 * noticed within a quarter of a second.
 */
export function channelOptions(settings: ChannelSettings = {}, isLocal = false): ChannelOptions {
  const messageBytesMax = settings.messageBytesMax ?? 4 * MIB;
  return {
    // A peer that vanished (sleep, cable) is noticed within 30 s while calls are open; by default never.
    "grpc.keepalive_time_ms": settings.keepaliveMs ?? 20_000,
    "grpc.keepalive_timeout_ms": settings.keepaliveTimeoutMs ?? 10_000,
    "grpc.keepalive_permit_without_calls": 0,
    // Default: 1 s growing to 120 s, meant for the Internet.
    "grpc.initial_reconnect_backoff_ms": isLocal ? 50 : 100,
    "grpc.max_reconnect_backoff_ms": isLocal ? 250 : 2_000,
    "grpc.max_receive_message_length": messageBytesMax,
    "grpc.max_send_message_length": messageBytesMax,
    // By default http_proxy is obeyed even for 127.0.0.1.
    "grpc.enable_http_proxy": 0,
    "grpc.enable_channelz": 0,
    // A connection of its own, so that RpcClient.reconnect() gets a new one instead of the shared dead one.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.service_config_disable_resolution": 1,
    "grpc-node.flow_control_window": settings.flowControlWindowBytes ?? MIB,
    ...retries(settings.retriedMethods ?? []),
  };
}

function retries(methods: readonly string[]): ChannelOptions {
  if (methods.length === 0) return {};
  const name = methods.map((path) => {
    const [service, method] = path.split("/");
    return { service, method };
  });
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.1s",
    maxBackoff: "1s",
    backoffMultiplier: 2,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  return {
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [], methodConfig: [{ name, retryPolicy }] }),
  };
}
