import { type Command, CommanderError } from "commander";
import { MlrSnetError } from "../errors.ts";
import { createProgram } from "./program.ts";
import { Session, type Streams } from "./session.ts";
import { usageMessage } from "./usage.ts";

/** Wrong usage: a flag, a name or a value that the user can put right on the command line. */
const usageCodes: readonly string[] = ["USAGE", "UNKNOWN_NAME", "INVALID_ARGUMENT"];

/** An error as the user sees it. */
type Failure = { code: string; message: string; exitCode: number; cause: unknown };

/**
 * Runs one command.
 *
 * @param args without the program's name.
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP.
 */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<number> {
  const session = new Session(streams);
  const program = createProgram(session);
  try {
    // Who names no command wants to know what there is; `help transfer` is `transfer --help`.
    const [first = "help", ...rest] = args;
    await program.parseAsync(first === "help" ? [...rest, "--help"] : args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help, --version
    return report(failureOf(error, program, args, session.stoppedWith), args, streams);
  } finally {
    session.close();
  }
}

/** What no one caught: reported as any other error. @returns the exit status. */
export function reportUnexpected(error: unknown, args: readonly string[], streams: Streams): number {
  return report(unexpected(error), args, streams);
}

/** One line on standard error; with --json the same as the one object on standard output. */
function report(failure: Failure, args: readonly string[], { stdout, stderr }: Streams): number {
  const { code, message, exitCode, cause } = failure;
  // Looked up in the raw arguments: the command line may be what could not be understood.
  if (args.includes("--json")) stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  stderr.write(`mlr-snet: ${message}\n`);
  if (args.includes("--debug") && cause instanceof Error) stderr.write(`${cause.stack}\n`);
  return exitCode;
}

function failureOf(
  error: unknown,
  program: Command,
  args: readonly string[],
  stoppedWith: number = 130,
): Failure {
  if (error instanceof CommanderError)
    return { code: "USAGE", message: oneLine(usageMessage(error, program, args)), exitCode: 2, cause: error };
  if (error instanceof MlrSnetError) {
    const { code } = error;
    const exitCode = code === "INTERRUPTED" ? stoppedWith : usageCodes.includes(code) ? 2 : 1;
    return { code, message: oneLine(error.message), exitCode, cause: error };
  }
  return unexpected(error);
}

function unexpected(error: unknown): Failure {
  const what = oneLine(error instanceof Error ? error.message : String(error));
  const message = `Unexpected error: ${what} (--debug shows where).`;
  return { code: "UNEXPECTED", message, exitCode: 1, cause: error };
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
