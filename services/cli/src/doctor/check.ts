import type { ExitCode } from "@imesh/lifecycle";
import type { DoctorPorts } from "./ports.ts";

/** What a check found. `detail` says what is, `advice` what to do: exact menu path or command. */
export type Finding =
  | { readonly kind: "ok"; readonly detail: string }
  | { readonly kind: "warning"; readonly detail: string; readonly advice: string }
  | {
      readonly kind: "failed";
      readonly detail: string;
      readonly advice: string;
      /** What `imesh doctor` and `imesh start --mac` exit with when this is the first failure. */
      readonly exitCode: ExitCode;
    }
  | { readonly kind: "not-applicable"; readonly detail: string };

/** What is examined. */
export interface DoctorTarget {
  /** "mac": everything that real Messages needs; "simulated": only what the simulated Mac needs. */
  readonly mode: "mac" | "simulated";
  readonly homePath: string;
  readonly chatDbPath: string;
  readonly osascriptPath: string;
  /** Command lines that let a service examine its own permission; they exit with sysexits codes. */
  readonly brokerCheck: readonly [program: string, ...parameters: string[]];
  readonly bridgeCheck: readonly [program: string, ...parameters: string[]];
}

/** One thing that must be right. */
export interface Check {
  /** Stable, kebab-case; key of the JSON output. */
  readonly name: string;
  /** A few words for people. */
  readonly title: string;
  /** "macos": examined only there. */
  readonly platform: "any" | "macos";
  /** Looks, changes nothing, never throws. */
  readonly examine: (ports: DoctorPorts, target: DoctorTarget) => Promise<Finding>;
}

/** A check and what it found. */
export interface Examined {
  readonly check: Check;
  readonly finding: Finding;
}
