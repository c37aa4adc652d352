import type { AblationSchedule, BenchmarkResult } from "../benchmark/index.ts";
import { MlrSnetError } from "../errors.ts";
import { readTextIfThere } from "../files/internal.ts";
import { textTable } from "../report/index.ts";

/** One row of the table: a variant, on generated tasks that were held out and on the development suite. */
export type AblationRow = {
  variant: string;
  what: string;
  generations: number | null;
  seconds: number | null;
  /** Of the schedule itself, also where another use of it is measured on the suite. */
  heldOut: AblationSchedule["heldOut"];
  /** Test accuracy of the last step, of sequences too, mean over the suite's tasks; runs that diverged count as guessing. */
  mean: number;
  /** Runs of the suite that diverged, of so many. */
  diverged: number;
  runs: number;
  tasks: { task: string; taskHash: string; mean: number; diverged: number }[];
  protocolVersion: number;
  /** What the schedule is found by, and the SHA-256 of its file, where it has one. */
  schedule: string;
  sha256: string | null;
  /** Of this package, when the row was measured: see `sourceCommit`. */
  commit: string;
};

/** @param commit of this package. */
export function rowOf(
  { variant, generations, seconds, heldOut }: AblationSchedule,
  result: BenchmarkResult,
  commit: string,
): AblationRow {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  // Every task of the suite has accuracies, whatever it is judged by.
  const meanOn = (task: string): number => {
    const runs = result.runs.filter((run) => run.task === task);
    return sum(runs.map(({ last }) => last.accuracy!)) / runs.length;
  };
  const tasks = result.summary.map(({ task, diverged }) => {
    const { taskHash } = result.tasks.find((other) => other.task === task)!;
    return { task, taskHash, mean: meanOn(task), diverged };
  });
  return {
    variant: variant.name,
    what: variant.what,
    generations,
    seconds,
    heldOut,
    mean: sum(tasks.map(({ mean }) => mean)) / tasks.length,
    diverged: sum(tasks.map(({ diverged }) => diverged)),
    runs: result.runs.length,
    tasks,
    protocolVersion: result.protocolVersion,
    schedule: result.units[0]!.schedule,
    sha256: result.units[0]!.sha256,
    commit,
  };
}

/** What rows must have in common to stand in one table. */
type Settings = {
  generations: number;
  seed: number;
  seeds: number;
  tasks: readonly string[];
  heldOut: number;
};

/** What `--out` has: the answer of an ablation. */
type AblationFile = Pick<Settings, "generations" | "seed" | "seeds"> & {
  rows: AblationRow[];
  machine?: object;
};

/**
 * An earlier `--out`, or the record of one in results/; undefined where there is no such file yet.
 *
 * @throws {MlrSnetError} `FILE_UNREADABLE`; `FILE_CORRUPT` for a file of something else; `USAGE` where it was measured otherwise.
 */
export async function readRows(path: string, settings: Settings): Promise<AblationFile | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const content = parsed(text);
  const file = Object(content.result ?? content) as Partial<AblationFile>;
  const { rows, generations, seed, seeds } = file;
  if (!Array.isArray(rows) || !rows.every(isRow))
    throw new MlrSnetError(
      "FILE_CORRUPT",
      `Expected ${path} to be a file of \`ablation --out\`, got another.`,
    );
  const expected = Object.entries(settings).map(([name, value]) => [name, String(value)] as const);
  for (const { tasks, heldOut } of rows) {
    const names = tasks.map(({ task }) => task);
    const own: Record<string, unknown> = { generations, seed, seeds, tasks: names, heldOut: heldOut.tasks };
    const wrong = expected.find(([name, value]) => value !== String(own[name]));
    if (wrong)
      throw new MlrSnetError(
        "USAGE",
        `Expected \`--${wrong[0].replace("O", "-o")}\` to be ${own[wrong[0]]} as in ${path}, got ${wrong[1]}: begin another file.`,
      );
  }
  const { commit = "unknown" } = content as { commit?: string };
  return { ...(file as AblationFile), rows: rows.map((row) => ({ ...row, commit: row.commit ?? commit })) };
}

function parsed(text: string): { result?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function isRow(row: unknown): row is AblationRow {
  const { variant, tasks, heldOut } = Object(row) as Partial<AblationRow>;
  return typeof variant === "string" && Array.isArray(tasks) && Number.isInteger(heldOut?.tasks);
}

export function ablationTable(rows: readonly AblationRow[]): string {
  const [left, right] = ["left", "right"] as const;
  return textTable({
    columns: [
      { title: "variant", align: left },
      { title: "held out", align: right },
      { title: "diverged", align: right },
      { title: "dev accuracy", align: right },
      { title: "diverged", align: right },
      { title: "what", align: left },
    ],
    rows: rows.map(({ variant, heldOut, mean, diverged, runs, what }) => [
      variant,
      heldOut.value.toFixed(3),
      `${heldOut.diverged}/${heldOut.tasks}`,
      `${(100 * mean).toFixed(1)} %`,
      `${diverged}/${runs}`,
      what,
    ]),
  });
}
