/**
 * Compares what a tail told with what a person could have seen. Exactly once means: every change that could be read was told
 * once, nothing else was told, and the changes of a row came in their order. A change could not be read by itself when the
 * next of its kind to the same row came before anyone could look: while the broker was down (a blind interval), or
 * within the moment that a reading takes.
 */

/** A change of the ground truth. */
export interface TrueChange {
  readonly databaseUid: string;
  readonly subject: string;
  readonly rowid: bigint;
  readonly reason: string;
  /** What is seen afterwards. */
  readonly state: string;
  readonly committedMs: number;
}

/** A change that was told. */
export interface Told {
  readonly databaseUid: string;
  readonly subject: string;
  readonly rowid: bigint;
  readonly reason: string;
}

/** What can keep changes from being read one by one. */
export interface Sight {
  /** Changes this close together may be read at once, in milliseconds. */
  readonly momentMs: number;
  /** While nobody looked: from just before the broker went until it had caught up. */
  readonly blind: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** When a database left its path for another one, in milliseconds. */
  readonly departuresMs: readonly number[];
  /** The path is looked at this often: what was committed so long before a database left may be lost with it. */
  readonly departureMs: number;
}

/** Every way in which the two disagree, for people; empty when they agree. */
export function disagreements(truth: readonly TrueChange[], told: readonly Told[], sight: Sight): string[] {
  const trueByRow = Map.groupBy(truth, rowKey);
  const toldByRow = Map.groupBy(told, rowKey);
  const lives = truth.filter(
    ({ subject, reason }) => subject === "message" && (reason === "new" || reason === "deleted"),
  );
  const lastMs = new Map<string, number>();
  for (const { databaseUid, committedMs } of truth) {
    lastMs.set(databaseUid, Math.max(committedMs, lastMs.get(databaseUid) ?? 0));
  }
  const setting: Setting = { ...sight, lives, lastMs };
  const found: string[] = [];
  for (const key of new Set([...trueByRow.keys(), ...toldByRow.keys()])) {
    const fault = disagreementOfRow(trueByRow.get(key) ?? [], toldByRow.get(key) ?? [], setting);
    if (fault !== undefined) found.push(`${key}: ${fault}`);
  }
  return found;
}

function rowKey({ databaseUid, subject, rowid }: Told): string {
  return `${databaseUid.slice(0, 8)} ${subject} ${rowid}`;
}

interface Setting extends Sight {
  /** The beginnings and ends of all messages: what happens to an attachment then comes with its message, or not at all. */
  readonly lives: readonly TrueChange[];
  /** When each database was written to for the last time. */
  readonly lastMs: ReadonlyMap<string, number>;
}

function disagreementOfRow(
  truth: readonly TrueChange[],
  told: readonly Told[],
  sight: Setting,
): string | undefined {
  const story = `true: ${words(truth)}; told: ${words(told)}`;
  // Without its chat a row is not seen by a person yet; once it has one, it is new to them.
  const seen = told
    .filter(({ reason }) => reason !== "unjoined")
    .map(({ reason }) => (reason === "joined" ? "new" : reason));
  // A row that was in Recently Deleted when it could first be seen is not told, nor that it goes.
  const wasHidden = truth.some(({ reason }) => reason === "recently-deleted");
  if (seen.length === 0 && wasHidden && truth.every((change) => change.reason !== "recovered")) {
    const begins = truth.filter(({ reason }) => reason === "new");
    if (begins.length > 0 && begins.every((change) => isTakenUp(truth, change, sight))) return undefined;
  }
  for (const reason of new Set([...truth.map((change) => change.reason), ...seen])) {
    const count = seen.filter((each) => each === reason).length;
    const { least, most } = tellings(truth, reason, sight);
    if (count > most) return `"${reason}" was told ${count} times, not ${most} (${story})`;
    if (count < least) return `"${reason}" was told ${count} times, not ${least} (${story})`;
  }
  return isInOrder(truth, seen, sight) ? undefined : `told out of order (${story})`;
}

/** How often changes of one kind may be told: at most each, at least one for each group that may be read together. */
function tellings(
  truth: readonly TrueChange[],
  reason: string,
  sight: Setting,
): { readonly least: number; readonly most: number } {
  const groups: TrueChange[][] = [];
  for (const change of truth.filter((each) => each.reason === reason)) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && canMerge(last, change, sight)) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  const required = groups.filter((group, index) => {
    if (group.every((change) => isLost(change, sight) || isTakenUp(truth, change, sight))) return false;
    // Several changes read together may have led back to where they began, which for a chat's first ones is not known here.
    const stateBefore = groups[index - 1]?.at(-1)?.state;
    if (stateBefore === undefined && group[0]?.subject === "chat") return group.length === 1;
    return group.at(-1)?.state !== stateBefore;
  });
  return { least: required.length, most: groups.flat().length };
}

/** What undoes a change of another name. */
const UNDOES: Readonly<Record<string, string>> = {
  "recently-deleted": "recovered",
  recovered: "recently-deleted",
};

/**
 * Read together with the first appearance of its row, which tells everything until then (and nothing at all of a row that is
 * gone again), with the end of its row, or with what undid it.
 */
function isTakenUp(truth: readonly TrueChange[], change: TrueChange, sight: Setting): boolean {
  if (change.subject === "attachment" && sight.lives.some((life) => canMerge(change, life, sight)))
    return true;
  const at = truth.indexOf(change);
  return truth.some((other, index) => {
    if (other === change || !canMerge(change, other, sight)) return false;
    if (other.reason === "new" || other.reason === UNDOES[change.reason]) return true;
    // A transfer that is over tells how it went on, too.
    if (change.reason === "progress" && ["ready", "failed"].includes(other.reason)) return true;
    // A message that goes to Recently Deleted, or comes back from there, leaves its chats or gets them.
    if (change.reason === "chats" && other.reason in UNDOES) return true;
    // Nor is a row told that is in Recently Deleted when it is first seen.
    if (change.reason === "new" && other.reason === "recently-deleted" && index > at) return true;
    return other.reason === "deleted" && index > at;
  });
}

/** Whether its database left the path, never to be seen again, before anyone need have noticed that it was there. */
function isLost({ databaseUid, committedMs }: TrueChange, sight: Setting): boolean {
  const lastMs = sight.lastMs.get(databaseUid) ?? Number.POSITIVE_INFINITY;
  return sight.departuresMs.some(
    (atMs) => lastMs <= atMs && committedMs >= atMs - sight.departureMs && committedMs <= atMs,
  );
}

/** Whether the order is the true one, where every change was told by itself, so that the two can be compared one by one. */
function isInOrder(truth: readonly TrueChange[], seen: readonly string[], sight: Sight): boolean {
  if (seen.length !== truth.length) return true;
  const left = [...truth];
  const order = seen.map((reason) => {
    const at = left.findIndex((change) => change.reason === reason);
    return left.splice(at, 1)[0];
  });
  return order.every((change, index) =>
    order.slice(index + 1).every((later) => {
      if (change === undefined || later === undefined) return false;
      return truth.indexOf(change) < truth.indexOf(later) || canMerge(change, later, sight);
    }),
  );
}

function canMerge(left: TrueChange, right: TrueChange, { momentMs, blind }: Sight): boolean {
  if (Math.abs(left.committedMs - right.committedMs) <= momentMs) return true;
  const both = [left.committedMs, right.committedMs];
  return blind.some(({ fromMs, toMs }) => both.every((atMs) => atMs >= fromMs && atMs <= toMs));
}

function words(changes: readonly { readonly reason: string }[]): string {
  return changes.map(({ reason }) => reason).join(" ");
}
