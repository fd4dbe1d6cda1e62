#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Keeps the compiled form of what is imported below in the system's cache directory: starts take half the
// time.
enableCompileCache();
await import("../src/main.ts");
