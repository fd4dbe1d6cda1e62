/** What happens to a send by AppleScript; the words are those of `SendMode` in simulator.proto. */
export type SendMode =
  | "normal"
  | "no-such-chat"
  | "not-allowed"
  | "timeout-after-effect"
  | "timeout-without-effect"
  | "hang-after-effect"
  | "error-22"
  | "ghost-row";

/** Which mode the next send meets: a standing one, and for a while perhaps another. Starts with "normal". */
export class SendBehavior {
  #standing: SendMode = "normal";
  #passing: { readonly mode: SendMode; sendsLeft: number } | undefined;

  /**
   * `sends` > 0: the mode of that many sends, then the standing one again. 0: the standing mode from now on. Both replace
   * whatever was left of an earlier passing mode.
   */
  set(mode: SendMode, sends: number): void {
    if (sends === 0) this.#standing = mode;
    this.#passing = sends === 0 ? undefined : { mode, sendsLeft: sends };
  }

  /** The mode for all sends until further notice; what Apple events other than sends meet as well. */
  get standing(): SendMode {
    return this.#standing;
  }

  /** The mode of the send that is happening now; called exactly once for each. */
  take(): SendMode {
    if (this.#passing === undefined) return this.#standing;
    const { mode } = this.#passing;
    this.#passing.sendsLeft -= 1;
    if (this.#passing.sendsLeft === 0) this.#passing = undefined;
    return mode;
  }
}
