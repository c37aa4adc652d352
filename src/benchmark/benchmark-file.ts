import { readFile } from "node:fs/promises";
import { MlrSnetError } from "../errors.ts";
import type { BenchmarkUnit } from "./benchmark-unit.ts";

const format = "mlr-snet benchmark";
const version = 1;

/** The file of a benchmark: what it found, null until it ends, and all units for a later one to take up. */
export function encodeBenchmark(result: object | null, units: readonly BenchmarkUnit[]): string {
  return `${JSON.stringify({ format, version, complete: result !== null, ...result, units }, null, 1)}\n`;
}

/**
 * The units of a benchmark's file; none where there is no such file yet.
 *
 * @throws {MlrSnetError} `FILE_UNREADABLE`; `FILE_CORRUPT` for a damaged file, `UNSUPPORTED_FORMAT` for one of another
 *   kind or version.
 */
export async function readBenchmark(path: string): Promise<BenchmarkUnit[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new MlrSnetError("FILE_UNREADABLE", `Cannot read ${path}: ${message}.`, { cause });
  }
  return decodeBenchmark(text, path);
}

/** @param path for the messages. @throws {MlrSnetError} as `readBenchmark`. */
export function decodeBenchmark(text: string, path: string): BenchmarkUnit[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, "it is no JSON", cause);
  }
  const file = Object(content) as { format?: unknown; version?: unknown; units?: unknown };
  if (file.format !== format)
    throw new MlrSnetError(
      "UNSUPPORTED_FORMAT",
      `Expected ${path} to be a file of \`benchmark --out\`, got another.`,
    );
  if (file.version !== version)
    throw new MlrSnetError(
      "UNSUPPORTED_FORMAT",
      `Expected ${path} to be of version ${version}, got ${JSON.stringify(file.version)}.`,
    );
  if (!Array.isArray(file.units)) throw damaged(path, "it has no units");
  const wrong = file.units.findIndex((unit) => !isUnit(unit));
  if (wrong >= 0) throw damaged(path, `unit ${wrong} is not whole`);
  return file.units;
}

function damaged(path: string, what: string, cause?: unknown): MlrSnetError {
  const message = `Expected ${path} to be a whole file of \`benchmark --out\`, got a damaged one: ${what}.`;
  return new MlrSnetError("FILE_CORRUPT", message, { cause });
}

/** Whether all that verdicts and tables read is there. */
function isUnit(value: unknown): value is BenchmarkUnit {
  const { key, guess, runs, summary } = Object(value) as { [Field in keyof BenchmarkUnit]?: unknown };
  const row = Object(summary) as { [Field in keyof BenchmarkUnit["summary"]]?: unknown };
  return (
    typeof key === "object" &&
    key !== null &&
    isFraction(guess) &&
    Array.isArray(runs) &&
    runs.length === row.runs &&
    runs.every(isRun) &&
    typeof row.task === "string" &&
    typeof row.schedule === "string" &&
    typeof row.learned === "boolean" &&
    isFraction(row.mean) &&
    Number.isInteger(row.diverged)
  );
}

function isRun(value: unknown): boolean {
  const { seed, last, status } = Object(value) as { seed?: unknown; last?: unknown; status?: unknown };
  const { accuracy } = Object(last) as { accuracy?: unknown };
  return Number.isInteger(seed) && isFraction(accuracy) && (status === "done" || status === "diverged");
}

function isFraction(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}
