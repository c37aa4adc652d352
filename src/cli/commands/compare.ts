import type { Command } from "commander";
import type { CompareResult } from "../../benchmark/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { summaryTable, textTable } from "../../report/index.ts";
import type { Define } from "../define.ts";
import { differenceText } from "../difference-text.ts";
import { drain } from "../drain.ts";
import { integer, names } from "../parse.ts";
import { prose } from "../prose.ts";
import { createEngine } from "../session.ts";
import { addSteps, type StepsOptions, stepsOf } from "../steps.ts";

type Options = StepsOptions & {
  task: string;
  schedules: string[];
  seeds: number;
  trials: number;
  guard?: true;
  out?: string;
  resume?: true;
};

const about = `
Compares schedules on one task, fairly.

Search: every schedule made by hand tries --trials base rates, evenly on a log scale from half to 32 times 0.1 (SGD;
times 1 - momentum; 0.001 for Adam), the same for all, and one more beyond an edge that wins. Each trains with two
seeds on the training data without the validation part, and the best mean accuracy on validation data at the last step
wins (ties: the lower loss); of sequences the lowest perplexity, of a regression the lowest loss. A schedule file is
used as it is: it searches nothing.

Final runs: every schedule then trains on all training data with the same --seeds fresh seeds, and is judged on test
data at the last step; the best step stands beside it. Test data choose nothing. A diverged run counts as guessing,
a regression as predicting the mean of the training targets (the median for the absolute error).

Verdicts, of at least five seeds: d is ours less theirs, seed by seed, with a 90 % interval; m is half a point of
accuracy, or 2 % of a perplexity or loss. "better": all of the interval is above 0; else "not worse": all of it is
above -m; else "behind": all of it is below 0; else "inconclusive". The comparator is that of constant, cosine, linear
and onecycle whose search found the best validation result.

--out is written after every run. With --resume, runs that are in that file already are taken from it.`;

const examples = `
The search uses --seed S and S+10000, the final runs S+1, S+2, ...

Examples:
  mlr-snet compare --task mnist1d/mlp --schedules constant,cosine,linear --seeds 5 --trials 6
  mlr-snet compare --task mnist1d/cnn --schedules s.safetensors,cosine --steps 500 --out comparison.json --resume`;

/** `mlr-snet compare` */
export function addCompare(program: Command, define: Define): void {
  const command = program
    .command("compare")
    .summary("compare schedules on one task, each with the same search")
    .description(prose(about))
    .requiredOption("--task <t>", "a name of `mlr-snet tasks`, or a file")
    .requiredOption(
      "--schedules <a,b,...>",
      "names of `mlr-snet schedules` and schedule files",
      names("--schedules"),
    )
    .option(
      "--seeds <n>",
      "final runs of each schedule; 5 or more for verdicts",
      integer("--seeds", 1, 9999),
      3,
    )
    .option(
      "--trials <k>",
      "base rates that each schedule made by hand tries",
      integer("--trials", 1, 1000),
      5,
    )
    .option("--guard", "guard every schedule against a rate that is too large, in the search too")
    .option("--out <file>", "write runs, summary and learning curves as JSON, after every run")
    .option("--resume", "take what is in --out already from there")
    .addHelpText("after", examples);
  addSteps(command);
  define<Options>(command, async (options, session) => {
    const { seed = 0, seeds, trials, out, resume } = options;
    if (resume && !out) throw new MlrSnetError("USAGE", "Expected `--out` with `--resume`, got none.");
    const { allDataOf, loadTask, splitsOf, writeFileAtomic } = await import("../../training/index.ts");
    const { checkWritable } = await import("../../files/internal.ts");
    const { exampleCount } = await import("../../data/index.ts");
    const { compare, encodeComparison, findCandidate, hashOf, readComparison, settingsOf, sourceCommit } =
      await import("../../benchmark/index.ts");
    const { runKeyText } = await import("../../benchmark/internal.ts");
    if (out) await checkWritable(out);
    const stored = out && resume ? await readComparison(out) : [];
    const task = await loadTask(options.task, options.data ? { dataDirectory: options.data } : {});
    const { divergenceGuard } = await import("../../schedules/index.ts");
    const plain = await Promise.all(
      [...new Set(options.schedules)].map((name) => findCandidate(name, task, trials)),
    );
    const candidates = options.guard
      ? plain.map((candidate) => ({
          ...candidate,
          guarded: true,
          create: (rate: number | null) => divergenceGuard(candidate.create(rate), { restore: true }),
        }))
      : plain;
    splitsOf(task); // refuses data that cannot be split before any work
    const settings = settingsOf(task);
    const steps = stepsOf(options, task, exampleCount(allDataOf(task).train));
    const engine = await createEngine(options, { session });
    const { signal } = session;
    /** What the file holds stays in it. */
    const finished = new Map(stored.map((run) => [runKeyText(run.key), run]));
    const write = async (result: CompareResult | null): Promise<void> => {
      if (out) await writeFileAtomic(out, encodeComparison(settings, result, [...finished.values()]));
    };
    let progress: ReturnType<typeof session.progress> | undefined;
    let firstRuns: number | undefined;
    const taskHash = hashOf(settings);
    const result = await drain(
      compare({
        ...{ task, taskHash, commit: sourceCommit(), candidates, engine, seeds, seed, steps, stored, signal },
      }),
      async (record) => {
        progress ??= session.progress(record.runs * steps, "steps");
        firstRuns ??= record.runs;
        const rate = record.baseRate === null ? "" : ` from ${record.baseRate}`;
        const phase = record.phase === "search" ? "search" : `seed ${record.seed}`;
        // A search that goes beyond its edge makes the runs more: the share of the work that is done is right.
        const done = (record.run * steps + record.step + 1) * (firstRuns / record.runs);
        progress.update(Math.floor(done), `${record.schedule}${rate}, ${phase}`);
        if (!record.finished) return;
        finished.set(runKeyText(record.finished.key), record.finished);
        await write(null);
      },
    ).catch((error: unknown) => {
      throw error instanceof MlrSnetError && error.code === "INTERRUPTED"
        ? interrupted(finished.size > 0 ? out : undefined)
        : error;
    });
    await write(result);
    const runs = result.runs.map(({ curve: _, ...run }) => run);
    return { json: { ...result, runs }, text: describe(result, steps, seeds) };
  });
}

/** @param out the file, where it holds finished runs. */
function interrupted(out: string | undefined): MlrSnetError {
  const kept = out
    ? `the finished runs are in ${out}, and the same command with --resume goes on`
    : "no finished run is kept; --out keeps them";
  return new MlrSnetError("INTERRUPTED", `Stopped: ${kept}.`);
}

function describe(result: CompareResult, steps: number, seeds: number): string {
  const { task, judgedBy, summary, comparator, paired } = result;
  const figures = judgedBy === "loss" ? "loss" : `${judgedBy} and loss`;
  const rows = summary.map((row) => ({ ...row, label: row.schedule, learned: row.tuningRuns === 0 }));
  const beside = paired.filter(({ against }) => against === comparator);
  return [
    `${task}, ${steps} steps, ${seeds} seed${seeds > 1 ? "s" : ""}: ${figures} on test data, mean ± standard error`,
    textTable(summaryTable(rows)),
    ...(beside.length > 0 ? ["", `Beside ${comparator}, which was best on validation data:`] : []),
    ...beside.map((pair) => `  ${pair.schedule}: ${differenceText(pair, judgedBy)}`),
  ].join("\n");
}
