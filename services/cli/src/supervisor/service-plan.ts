/** What a probe saw. */
export type Readiness =
  | { readonly kind: "serving" }
  /**
   * Not yet; `detail` is a few words for the person who waits in vain: "nobody listens on lock-broker.sock".
   */
  | { readonly kind: "not-serving"; readonly detail: string };

/** What is to be run as one service, told anew for each of its runs. */
export interface ServiceCommand {
  /** Program and arguments; no shell. */
  readonly command: readonly [program: string, ...parameters: string[]];
  /** Its whole environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** One service of the stack, as the supervisor sees it. */
export interface ServicePlan {
  /** Also the name of its log: "lock-broker". */
  readonly name: string;
  /** Services that must serve before this one is started. They stand earlier in the list of plans. */
  readonly after: readonly string[];
  /**
   * Called before each run, when `after` serve; it may read what they told about themselves. A throw fails
   * the start.
   */
  readonly prepare: () => Promise<ServiceCommand>;
  /**
   * Asks whether the service serves. Called again and again, a few milliseconds apart, until it does; heeds
   * `signal`, never throws.
   */
  readonly probe: (signal: AbortSignal) => Promise<Readiness>;
}
