import { readTextIfThere } from "../files/internal.ts";
import type { BenchmarkUnit } from "./benchmark-unit.ts";
import { type StoredFormat, storedList } from "./stored-file.ts";
import { protocolVersion } from "./task-settings.ts";

const form: StoredFormat = { format: "mlr-snet benchmark", version: 3, writtenBy: "benchmark --out" };

/** The file of a benchmark: what it found, null until it ends, and all units for a later one to take up. */
export function encodeBenchmark(result: object | null, units: readonly BenchmarkUnit[]): string {
  const { format, version } = form;
  const head = { format, version, protocolVersion, complete: result !== null };
  return `${JSON.stringify({ ...head, ...result, units }, null, 1)}\n`;
}

/**
 * The units of a benchmark's file; none where there is no such file yet.
 *
 * @throws {MlrSnetError} as `readTextIfThere` and `storedList`.
 */
export async function readBenchmark(path: string): Promise<BenchmarkUnit[]> {
  const text = await readTextIfThere(path);
  return text === undefined ? [] : decodeBenchmark(text, path);
}

/** @param path for the messages. @throws {MlrSnetError} as `storedList`. */
export function decodeBenchmark(text: string, path: string): BenchmarkUnit[] {
  return storedList(text, path, form, { name: "units", item: "unit", isWhole: isUnit });
}

/** Whether all that verdicts and tables read is there. */
function isUnit(value: unknown): value is BenchmarkUnit {
  const { key, commit, runs, summary } = Object(value) as { [Field in keyof BenchmarkUnit]?: unknown };
  const row = Object(summary) as { [Field in keyof BenchmarkUnit["summary"]]?: unknown };
  return (
    typeof key === "object" &&
    key !== null &&
    typeof commit === "string" &&
    Array.isArray(runs) &&
    runs.length === row.runs &&
    runs.every((run) => isRun(run, row.judgedBy)) &&
    typeof row.task === "string" &&
    typeof row.schedule === "string" &&
    typeof row.learned === "boolean" &&
    isFigure(row.mean, row.judgedBy) &&
    Array.isArray(row.search) &&
    Number.isInteger(row.diverged)
  );
}

function isRun(value: unknown, judgedBy: unknown): boolean {
  const { seed, last, status } = Object(value) as { seed?: unknown; last?: unknown; status?: unknown };
  const figure = (Object(last) as Record<string, unknown>)[String(judgedBy)];
  return Number.isInteger(seed) && isFigure(figure, judgedBy) && (status === "done" || status === "diverged");
}

/** A finite number; as an accuracy from 0 to 1. */
function isFigure(value: unknown, judgedBy: unknown): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return judgedBy === "accuracy"
    ? value >= 0 && value <= 1
    : judgedBy === "perplexity" || judgedBy === "loss";
}
