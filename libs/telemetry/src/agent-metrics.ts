import { GEN_AI_SECONDS_BUCKETS, GEN_AI_TOKENS_BUCKETS, REPLY_SECONDS_BUCKETS } from "./buckets.ts";
import { type MetricDefinition, NO_LABELS } from "./metric-definition.ts";

const OWNER = "agent";

/** What the agent measures: does it hear, does it answer, what does the model cost. */
export const AGENT_METRICS = {
  agentTurns: {
    kind: "counter",
    name: "imesh_agent_turns_total",
    unit: "1",
    description: "Turns that ended, by outcome (silent: it was decided to say nothing)",
    labels: { outcome: ["replied", "failed", "silent", "interrupted"] },
    owner: OWNER,
  },
  agentTurnsOpen: {
    kind: "gauge",
    name: "imesh_agent_turns_open",
    unit: "1",
    description: "Turns under way",
    labels: NO_LABELS,
    owner: OWNER,
  },
  agentReplyDuration: {
    kind: "histogram",
    name: "imesh_agent_reply_seconds",
    unit: "s",
    description: "From the last message of a turn reaching the agent until its reply was accepted",
    labels: NO_LABELS,
    buckets: REPLY_SECONDS_BUCKETS,
    owner: OWNER,
  },
  agentEventsReceived: {
    kind: "counter",
    name: "imesh_agent_events_received_total",
    unit: "1",
    description: "Events received from mac-bridge, redelivered ones included",
    labels: NO_LABELS,
    owner: OWNER,
  },
  agentEventsIgnored: {
    kind: "counter",
    name: "imesh_agent_events_ignored_total",
    unit: "1",
    description: "Events that started no turn, by reason",
    labels: { reason: ["own_message", "not_live", "not_a_message", "policy"] },
    owner: OWNER,
  },
  agentFinishedSequence: {
    kind: "gauge",
    name: "imesh_agent_finished_sequence",
    unit: "1",
    description: "Cursor: highest sequence such that everything up to it is finished",
    labels: NO_LABELS,
    owner: OWNER,
  },
  agentHeadSequence: {
    kind: "gauge",
    name: "imesh_agent_head_sequence",
    unit: "1",
    description:
      "Head of mac-bridge's journal as last heard; minus the finished sequence it is the agent's lag",
    labels: NO_LABELS,
    owner: OWNER,
  },
  agentConnected: {
    kind: "gauge",
    name: "imesh_agent_connected",
    unit: "1",
    description: "1 while the subscription is open, 0 while not",
    labels: NO_LABELS,
    owner: OWNER,
  },
  agentReconnects: {
    kind: "counter",
    name: "imesh_agent_reconnects_total",
    unit: "1",
    description: "Subscriptions opened after the first",
    labels: NO_LABELS,
    owner: OWNER,
  },
  genAiOperationDuration: {
    kind: "histogram",
    name: "gen_ai_client_operation_duration_seconds",
    unit: "s",
    description: "Time of one model call; error_type is empty when it succeeded",
    labels: { gen_ai_request_model: "open", error_type: "open" },
    buckets: GEN_AI_SECONDS_BUCKETS,
    owner: OWNER,
  },
  genAiTimeToFirstChunk: {
    kind: "histogram",
    name: "gen_ai_client_operation_time_to_first_chunk_seconds",
    unit: "s",
    description: "From asking the model until the first piece of its answer",
    labels: { gen_ai_request_model: "open" },
    buckets: GEN_AI_SECONDS_BUCKETS,
    owner: OWNER,
  },
  genAiTokenUsage: {
    kind: "histogram",
    name: "gen_ai_client_token_usage",
    unit: "{token}",
    description: "Tokens of one model call, by type; input counts cached ones too",
    labels: {
      gen_ai_request_model: "open",
      gen_ai_token_type: ["input", "output", "cache_read", "cache_write"],
    },
    buckets: GEN_AI_TOKENS_BUCKETS,
    owner: OWNER,
  },
} as const satisfies Record<string, MetricDefinition>;
