#!/usr/bin/env node
import { runCommandLine } from "./command-line.ts";

// `mlr-snet tasks | head -1`: a reader that has gone away is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runCommandLine(process.argv.slice(2), process);
