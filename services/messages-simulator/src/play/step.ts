import { unreachable } from "@imesh/flow";
import type { DisturbanceOrder } from "../disturbances/disturbance.ts";
import type { MaintenanceOrder } from "../maintenance/maintenance.ts";
import type { Act } from "../messages/acts/act.ts";
import type { BackfillOrder } from "../messages/backfill.ts";
import type { OwnText } from "../messages/messages.ts";
import type { SayOrder } from "../messages/say-order.ts";
import type { WaitingRow } from "../messages/waiting-row.ts";

/** One step of a program, with everything that was left to chance already drawn. */
export type Step =
  | { readonly kind: "say"; readonly order: SayOrder }
  /** As "say", but the join is a step of its own, so many steps later. */
  | { readonly kind: "say-late"; readonly order: SayOrder; readonly joinAfterSteps: number }
  | { readonly kind: "join-late"; readonly row: WaitingRow }
  | { readonly kind: "write-own"; readonly text: OwnText }
  | { readonly kind: "act"; readonly act: Act }
  | { readonly kind: "backfill"; readonly order: BackfillOrder }
  | { readonly kind: "maintain"; readonly order: MaintenanceOrder }
  | { readonly kind: "disturb"; readonly order: DisturbanceOrder };

/** What a step is, for people: "edit 17", "checkpoint truncate". No addresses and no texts. */
export function labelOf(step: Step): string {
  switch (step.kind) {
    case "say":
    case "say-late":
      return step.kind.replace("-", " ");
    case "join-late":
      return `join late ${step.row.rowid}`;
    case "write-own":
      return `write own ${step.text.fate}`;
    case "act":
      return actLabel(step.act);
    case "backfill":
      return `backfill ${step.order.messages}`;
    case "maintain":
      return `maintain ${step.order.kind} ${step.order.rows}`;
    case "disturb":
      return step.order.kind.replace("-", " ");
    default:
      return unreachable(step);
  }
}

function actLabel(act: Act): string {
  const words = [act.kind.replaceAll("-", " ")];
  if ("rowid" in act) words.push(String(act.rowid));
  if (act.kind === "compose" && act.form === "broken") words.push("broken");
  if (act.kind === "say-app") words.push(act.app);
  if (act.kind === "receipt") words.push(act.receipt);
  if (act.kind === "tapback") words.push(String(act.type));
  if (act.kind === "advance-attachment") words.push(String(act.transferState));
  if (act.kind === "say-attachment") words.push(`${act.attachments} in state ${act.transferState}`);
  return words.join(" ");
}
