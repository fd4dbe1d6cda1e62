/** Thrown by `parseFlags` for `--help` and `--version`: not a failure, the process prints `text` on stdout and exits with 0. */
export class InformationRequested extends Error {
  override readonly name = "InformationRequested";
  readonly text: string;

  constructor(text: string) {
    super("Information was asked for");
    this.text = text;
  }
}
