/** Version of every program here, on `--version` and in metrics; that of the root's package.json. */
export const VERSION = "0.1.0";
