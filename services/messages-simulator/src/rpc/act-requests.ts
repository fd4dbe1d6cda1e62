import type { ActRequest, Schedule } from "@imesh/contracts/simulator/v1";
import { ReceiptKind as WireReceiptKind } from "@imesh/contracts/simulator/v1";
import { unreachable } from "@imesh/flow";
import { invalidArgument } from "@imesh/rpc";
import type { Act, ReceiptKind } from "../messages/acts/act.ts";
import { parseShape } from "./shape-requests.ts";
import { durationNs } from "./wire-time.ts";

/** The actions that people and their devices cause; the others are Apple's own doing. */
export type WireAct = Exclude<
  NonNullable<ActRequest["action"]>,
  { $case: "backfill" } | { $case: "maintain" }
>;

const RECEIPTS: Readonly<Partial<Record<WireReceiptKind, ReceiptKind>>> = {
  [WireReceiptKind.DELIVERED]: "delivered",
  [WireReceiptKind.READ]: "read",
  [WireReceiptKind.PLAYED]: "played",
  [WireReceiptKind.SENT]: "sent",
  [WireReceiptKind.FAILED]: "failed",
};

/** Shapes of an action; what is in it is checked by Messages. Throws INVALID_ARGUMENT. */
export function parseAct(action: WireAct): Act {
  switch (action.$case) {
    case "edit":
      return { kind: "edit", ...action.value };
    case "unsend":
      return { kind: "unsend", ...action.value };
    case "tapback":
      return { kind: "tapback", ...action.value };
    case "receipt": {
      const receipt = RECEIPTS[action.value.kind];
      if (receipt === undefined) throw refused("receipt.kind", "must be one of the kinds of ReceiptKind");
      return { kind: "receipt", rowid: action.value.rowid, receipt };
    }
    case "sayAttachment": {
      const { chatGuid, ...order } = action.value;
      return { kind: "say-attachment", groupGuid: chatGuid, ...order };
    }
    case "advanceAttachment":
      return { kind: "advance-attachment", ...action.value };
    case "transcribe":
      return { kind: "transcribe", ...action.value };
    case "recentlyDelete":
      return { kind: "recently-delete", ...action.value };
    case "recover":
      return { kind: "recover", ...action.value };
    case "hardDelete":
      return { kind: "hard-delete", ...action.value };
    case "deleteChat":
      return { kind: "delete-chat", chatGuid: action.value.guid };
    case "renameChat":
      return { kind: "rename-chat", ...action.value };
    case "changeMembership":
      return { kind: "change-membership", ...action.value };
    case "rewriteChatGuid":
      return { kind: "rewrite-chat-guid", ...action.value };
    case "rewriteMessageGuid":
      return { kind: "rewrite-message-guid", ...action.value };
    case "schedule":
      return parseSchedule(action.value);
    case "changePhoto":
      return { kind: "change-photo", ...action.value };
    case "addLinkPreview":
      return { kind: "add-link-preview", ...action.value };
    default:
      return parseShape(action);
  }
}

/** Name of the action on the wire, in front of the fields that a refusal names. */
export function wireNameOf(action: NonNullable<ActRequest["action"]>): string {
  const name = snakeCase(action.$case);
  const isOfSteps = action.$case === "schedule" || action.$case === "poll";
  return isOfSteps && action.value.step !== undefined
    ? `${name}.${snakeCase(action.value.step.$case)}`
    : name;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function parseSchedule({ step }: Schedule): Act {
  if (step === undefined) throw refused("schedule.step", "must be set");
  switch (step.$case) {
    case "create": {
      const { to, text, delay } = step.value;
      if (delay === undefined) throw refused("schedule.create.delay", "must be set");
      return { kind: "schedule-create", to, text, delayNs: durationNs(delay) };
    }
    case "edit": {
      const { rowid, text, delay } = step.value;
      return { kind: "schedule-edit", rowid, text, delayNs: delay === undefined ? 0n : durationNs(delay) };
    }
    case "send":
      return { kind: "schedule-send", rowid: step.value.rowid };
    case "cancel":
      return { kind: "schedule-cancel", rowid: step.value.rowid };
    default:
      return unreachable(step);
  }
}

function refused(field: string, description: string): Error {
  return invalidArgument([{ field, description }]);
}
