/** What a Check In says beside its captions. Times are Unix seconds with a fraction. */
export interface CheckIn {
  /** A number of Apple's for the step: started, extended, ended, overdue. */
  readonly messageType: number | null;
  readonly sentUnixSeconds: number | null;
  readonly estimatedEndUnixSeconds: number | null;
  readonly triggeredUnixSeconds: number | null;
}

/** Reads the query that is a Check In's URL. Parameters that are not there, or no numbers, are null. */
export function readCheckIn(url: string | null): CheckIn {
  const query = url?.indexOf("?") ?? -1;
  const parameters = new URLSearchParams(query < 0 ? "" : url?.slice(query + 1));
  return {
    messageType: numberIn(parameters.get("messageType")),
    sentUnixSeconds: numberIn(parameters.get("sendDate")),
    estimatedEndUnixSeconds: numberIn(parameters.get("estimatedEndTime")),
    triggeredUnixSeconds: numberIn(parameters.get("triggerTime")),
  };
}

function numberIn(text: string | null): number | null {
  return text !== null && /^[0-9]{1,12}(\.[0-9]{1,12})?$/.test(text) ? Number(text) : null;
}
