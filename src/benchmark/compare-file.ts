import { readTextIfThere } from "../files/internal.ts";
import type { CompareResult } from "./compare.ts";
import type { FinishedRun } from "./compare-run.ts";
import { type StoredFormat, storedList } from "./stored-file.ts";
import { protocolVersion, type TaskSettings } from "./task-settings.ts";

const form: StoredFormat = { format: "mlr-snet comparison", version: 2, writtenBy: "compare --out" };

/**
 * The file of `compare --out`: what was found, once it has ended, and every run so far with its key, the commit that made
 * it and, if it is a final one, its curve; for a later comparison to take up.
 */
export function encodeComparison(
  settings: TaskSettings,
  result: CompareResult | null,
  finished: readonly FinishedRun[],
): string {
  const found = result && { ...result, runs: result.runs.map(({ curve: _, ...run }) => run) };
  const { format, version } = form;
  const head = { format, version, protocolVersion, complete: result !== null, settings, ...found };
  // One line a run: the file grows by a run at a time, and is read by people too.
  const lines = finished.map((run) => JSON.stringify(run)).join(",\n");
  return `${JSON.stringify(head).slice(0, -1)},"finished":[\n${lines}\n]}\n`;
}

/**
 * The finished runs of a comparison's file; none where there is no such file yet.
 *
 * @throws {MlrSnetError} as `readTextIfThere` and `storedList`.
 */
export async function readComparison(path: string): Promise<FinishedRun[]> {
  const text = await readTextIfThere(path);
  return text === undefined ? [] : decodeComparison(text, path);
}

/** @param path for the messages. @throws {MlrSnetError} as `storedList`. */
export function decodeComparison(text: string, path: string): FinishedRun[] {
  return storedList(text, path, form, { name: "finished", item: "run", isWhole: isFinishedRun });
}

/** Whether all that a comparison reads is there. */
function isFinishedRun(value: unknown): value is FinishedRun {
  const run = Object(value) as { [Field in keyof FinishedRun]?: unknown };
  const isScore = (score: unknown): boolean => {
    const { loss } = Object(score) as { loss?: unknown };
    return loss === null || typeof loss === "number";
  };
  return (
    typeof run.key === "object" &&
    run.key !== null &&
    typeof run.commit === "string" &&
    (run.status === "done" || run.status === "diverged") &&
    isScore(run.last) &&
    isScore(run.best) &&
    (run.validation === null || isScore(run.validation)) &&
    Array.isArray(run.acts) &&
    Array.isArray(run.curve)
  );
}
