#!/usr/bin/env node
import { reportUnexpected, runCommandLine } from "./command-line.ts";

process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  // `mlr-snet tasks | head -1`: a reader that has gone away is no error.
  if (code === "EPIPE") process.exit(0);
  process.stderr.write(`mlr-snet: Cannot write the result: ${message}.\n`);
  process.exit(1);
});

// A terminal that is closed, or `2>&1 | head`: a run goes on without those who watched it.
process.stderr.on("error", () => {});

// A task of someone else's may fail behind the back of whoever called it.
process.on("uncaughtException", (error) => {
  process.exit(reportUnexpected(error, process.argv.slice(2), process));
});

process.exitCode = await runCommandLine(process.argv.slice(2), process);
