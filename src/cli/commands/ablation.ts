import { availableParallelism } from "node:os";
import type { Command } from "commander";
import type { AblationSchedule, BenchmarkResult } from "../../benchmark/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { textTable } from "../../report/index.ts";
import { unknownName } from "../../schedules/index.ts";
import type { Define } from "../define.ts";
import { drive } from "../drive.ts";
import { integer, names } from "../parse.ts";
import { prose } from "../prose.ts";

type Options = {
  generations: number;
  folder: string;
  only?: string[];
  tasks?: string[];
  heldOut?: number;
  workers?: number;
  seeds: number;
  out?: string;
};

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
  tasks: { task: string; mean: number; diverged: number }[];
};

const about = `Takes the long-horizon recipe apart: learns a schedule for each variant, one thing changed at a time (output form,
inputs, tasks, estimator, horizon), all with the same seed and number of generations, and measures each on generated
tasks that were held out and on the development suite. One meta-training each: direction, not proof.

The schedules are kept in --folder, and used again where they were made the same way: stopped at any moment, the same
command goes on with the first variant that is not there. Some variants are other uses of the default's schedule, with
insurance or a wrong horizon: on held-out tasks they are the default.`;

const examples = `
Examples:
  mlr-snet ablation --generations 300 --folder ablation --out ablation.json
  mlr-snet ablation --generations 50 --only default,sigmoid --tasks dev/mnist1d-mlp`;

/** `mlr-snet ablation` */
export function addAblation(program: Command, define: Define): void {
  const command = program
    .command("ablation")
    .summary("take the long-horizon recipe apart")
    .description(prose(about))
    .option(
      "--generations <n>",
      "of the default; variants that are dearer have fewer",
      integer("--generations", 1),
      300,
    )
    .option("--folder <dir>", "where the schedules are kept", "ablation")
    .option("--only <a,b,...>", "variants (default: all)", names("--only"))
    .option("--tasks <a,b,...>", "of the development suite (default: all)", names("--tasks"))
    .option("--held-out <n>", "number of held-out tasks (default: 96)", integer("--held-out", 1, 100_000))
    .option("--workers <n>", "threads at work (default: the cores)", integer("--workers", 1, 256))
    .option("--seeds <n>", "runs of each task of the development suite", integer("--seeds", 1), 3)
    .option("--out <file>", "write the rows as JSON")
    .addHelpText("after", examples);
  define<Options>(command, async (options, session) => {
    const { generations, folder, only, tasks, heldOut, seeds, seed = 0, out, data } = options;
    const { checkWritable, writeFileAtomic } = await import("../../training/index.ts");
    const { benchmark, findSuite, learnVariants } = await import("../../benchmark/index.ts");
    const { describeMachine } = await import("../machine.ts");
    if (out) await checkWritable(out);
    const suite = findSuite("dev");
    const known = suite.map(({ name }) => name);
    const wrong = tasks?.find((name) => !known.includes(name));
    if (wrong !== undefined) throw unknownName("task", wrong, known);
    // Data that are missing are found out now, not after hours of training.
    for (const { name, load } of suite)
      if (!tasks || tasks.includes(name)) await load(data ? { dataDirectory: data } : {});
    const workers = options.workers ?? availableParallelism();
    const { signal } = session;

    const learn = async (): Promise<AblationSchedule[]> => {
      let current = "";
      let progress: ReturnType<typeof session.progress> | undefined;
      const chosen = { ...(only && { only }), ...(heldOut && { heldOut }) };
      return await drive(
        learnVariants({ generations, seed, folder, workers, signal, ...chosen }),
        ({ variant, done, total }) => {
          if (variant !== current) progress = session.progress(total, "");
          current = variant;
          progress?.update(done, `learning ${variant}: ${done} of ${total}`);
        },
      );
    };
    const measure = async (learned: readonly AblationSchedule[]): Promise<BenchmarkResult[]> => {
      const progress = session.progress(learned.length, "");
      const results: BenchmarkResult[] = [];
      for (const { variant, path } of learned) {
        const use = variant.kind === "use" ? variant : undefined;
        const result = await drive(
          benchmark({
            schedules: [path],
            baselines: [],
            seeds,
            seed,
            workers,
            signal,
            ...(tasks && { tasks }),
            ...(use?.insure && { insure: true }),
            ...(use?.horizonFactor && { horizonFactor: use.horizonFactor }),
            ...(data && { dataDirectory: data }),
          }),
          ({ task, done, total }) =>
            progress.update(results.length + done / total, `measuring ${variant.name}: ${task}`),
        );
        results.push(result);
      }
      return results;
    };
    try {
      const learned = await learn();
      const results = await measure(learned);
      const rows = learned.map((schedule, index) => rowOf(schedule, results[index]!));
      const runtime = results[0]!.runtime;
      const json = { generations, seed, seeds, rows, machine: describeMachine(runtime) };
      if (out) await writeFileAtomic(out, `${JSON.stringify(json, null, 1)}\n`);
      return { json, text: tableOf(rows) };
    } catch (error) {
      if (!(error instanceof MlrSnetError && error.code === "INTERRUPTED")) throw error;
      throw new MlrSnetError(
        "INTERRUPTED",
        `Stopped. The schedules learned so far are in ${folder}: the same command goes on from there.`,
      );
    }
  });
}

function rowOf(
  { variant, generations, seconds, heldOut }: AblationSchedule,
  result: BenchmarkResult,
): AblationRow {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  // Every task of the suite has accuracies, whatever it is judged by.
  const meanOn = (task: string): number => {
    const runs = result.runs.filter((run) => run.task === task);
    return sum(runs.map(({ last }) => last.accuracy!)) / runs.length;
  };
  const tasks = result.summary.map(({ task, diverged }) => ({ task, mean: meanOn(task), diverged }));
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
  };
}

function tableOf(rows: readonly AblationRow[]): string {
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
