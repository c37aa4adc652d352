#!/usr/bin/env node
import { runCommandLine } from "./command-line.ts";

process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  // `mlr-snet tasks | head -1`: a reader that has gone away is no error.
  if (code === "EPIPE") process.exit(0);
  process.stderr.write(`mlr-snet: Cannot write the result: ${message}.\n`);
  process.exit(1);
});

process.exitCode = await runCommandLine(process.argv.slice(2), process);
