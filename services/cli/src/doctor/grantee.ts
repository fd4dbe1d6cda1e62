/**
 * The program whose name stands in System Settings for what is started from here. macOS attributes a process
 * to the application that is responsible for it: for a shell the terminal application, over SSH the SSH
 * server. `null`: no known application, so a grant goes to node itself (a LaunchAgent).
 */
export function grantee(variables: Readonly<Record<string, string | undefined>>): string | null {
  if (isOverSsh(variables)) return "the SSH server (Remote Login)";
  const program = variables.TERM_PROGRAM ?? "";
  if (program === "") return null;
  return TERMINAL_NAMES.get(program) ?? program.replace(/\.app$/, "");
}

/**
 * Whether the shell came over SSH: Automation then cannot be granted at all, because there is nobody to ask.
 */
export function isOverSsh(variables: Readonly<Record<string, string | undefined>>): boolean {
  return (variables.SSH_CONNECTION ?? "") !== "";
}

const TERMINAL_NAMES: ReadonlyMap<string, string> = new Map([
  ["Apple_Terminal", "Terminal"],
  ["iTerm.app", "iTerm"],
  ["vscode", "Visual Studio Code"],
  ["WarpTerminal", "Warp"],
  ["ghostty", "Ghostty"],
]);
