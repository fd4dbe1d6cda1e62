/** What a Check In says beside its captions. Times are Unix seconds with a fraction. */
export interface CheckIn {
  /** A number of Apple's for the step: started, extended, ended, overdue. */
  readonly messageType: number | null;
  readonly sentUnixSeconds: number | null;
  readonly estimatedEndUnixSeconds: number | null;
  readonly triggeredUnixSeconds: number | null;
}

/** Apple's have some 200 units. Parsing a query takes time that grows faster than its length. */
const QUERY_UNITS_MAX = 4_096;

/**
 * Reads the query that is a Check In's URL. Parameters that are not there, or no numbers, are null; all of them in a query of more than
 * 4,096 units.
 */
export function readCheckIn(url: string | null): CheckIn {
  const parameters = new URLSearchParams(queryOf(url ?? ""));
  return {
    messageType: numberIn(parameters.get("messageType")),
    sentUnixSeconds: numberIn(parameters.get("sendDate")),
    estimatedEndUnixSeconds: numberIn(parameters.get("estimatedEndTime")),
    triggeredUnixSeconds: numberIn(parameters.get("triggerTime")),
  };
}

function queryOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 || url.length - mark > QUERY_UNITS_MAX ? "" : url.slice(mark + 1);
}

function numberIn(text: string | null): number | null {
  return text !== null && /^[0-9]{1,12}(\.[0-9]{1,12})?$/.test(text) ? Number(text) : null;
}
