/** How every service's process is started, by the supervisor, by launchd and by tests alike. */
export interface ServiceLaunch {
  /** Flags of node, before the script. */
  readonly nodeFlags: readonly string[];
  /** Variables to add to the environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Settings that keep a service's resident memory below 100 MB, measured on Linux with the whole path under load:
 *
 * - the compile cache in `cachePath` (shared by all, made if missing): types are not stripped again, 20 MB and half the
 *   start-up time less. Node writes it at a clean exit only, so the first start is the expensive one;
 * - a young generation of 3 MB instead of 48, and V8's preference for memory over speed: 10 to 30 MB under load;
 * - one helper thread of V8 and one malloc arena (glibc): 5 MB of stacks and fragments.
 */
export function serviceLaunch(cachePath: string): ServiceLaunch {
  return {
    nodeFlags: ["--max-semi-space-size=1", "--optimize-for-size", "--v8-pool-size=1"],
    variables: { NODE_COMPILE_CACHE: cachePath, MALLOC_ARENA_MAX: "1" },
  };
}
