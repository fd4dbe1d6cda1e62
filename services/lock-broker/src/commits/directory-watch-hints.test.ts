import { hintSourceCompliance } from "../fixtures/hint-source-compliance.ts";
import { DirectoryWatchHints } from "./directory-watch-hints.ts";

hintSourceCompliance("DirectoryWatchHints", (path) => new DirectoryWatchHints(path));
