import type { Command } from "commander";
import type { CompareSummary } from "../../benchmark/index.ts";
import { summaryTable, textTable } from "../../report/index.ts";
import type { Define } from "../define.ts";
import { drive } from "../drive.ts";
import { integer, names } from "../parse.ts";
import { prose } from "../prose.ts";
import { createEngine } from "../session.ts";
import { addSteps, type StepsOptions, stepsOf } from "../steps.ts";

type Options = StepsOptions & {
  task: string;
  schedules: string[];
  seeds: number;
  trials: number;
  insure?: true;
  out?: string;
};

const about = `
Compares schedules on one task, fairly.

Search: every schedule made by hand tries --trials base rates, evenly on a log scale from half to 32 times 0.1 (SGD;
times 1 - momentum; 0.001 for Adam), the same for all. Each trains once on the training data without the validation
part, and the highest accuracy on validation data at the last step wins (ties: the lower loss). A schedule file is used
as it is: it searches nothing.

Final runs: every schedule then trains on all training data with the same --seeds fresh seeds, and is judged on test
data at the last step; the best step stands beside it. Test data choose nothing. A diverged run counts as guessing.`;

const examples = `
The search uses --seed S, the final runs S+1, S+2, ...

Examples:
  mlr-snet compare --task mnist1d/mlp --schedules constant,cosine,linear --seeds 3 --trials 6
  mlr-snet compare --task mnist1d/cnn --schedules s.safetensors,cosine --steps 500 --out comparison.json`;

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
    .option("--seeds <n>", "final runs of each schedule", integer("--seeds", 1), 3)
    .option(
      "--trials <k>",
      "base rates that each schedule made by hand tries",
      integer("--trials", 1, 1000),
      5,
    )
    .option("--insure", "insure every schedule against a rate that is too large, in the search too")
    .option("--out <file>", "write runs, summary and learning curves as JSON")
    .addHelpText("after", examples);
  addSteps(command);
  define<Options>(command, async (options, session) => {
    const { seed = 0, seeds, trials, out } = options;
    const { allDataOf, checkWritable, loadTask, splitsOf, writeFileAtomic } = await import(
      "../../training/index.ts"
    );
    const { exampleCount } = await import("../../data/index.ts");
    const { compare, findCandidate } = await import("../../benchmark/index.ts");
    if (out) await checkWritable(out);
    const task = await loadTask(options.task, options.data ? { dataDirectory: options.data } : {});
    const { insured } = await import("../../schedules/index.ts");
    const plain = await Promise.all(options.schedules.map((name) => findCandidate(name, task, trials)));
    const candidates = options.insure
      ? plain.map((candidate) => ({
          ...candidate,
          create: (rate: number | null) => insured(candidate.create(rate), { restore: true }),
        }))
      : plain;
    splitsOf(task); // refuses data that cannot be split before any work
    const steps = stepsOf(options, task, exampleCount(allDataOf(task).train));
    const engine = await createEngine(options);
    const { signal } = session;
    let progress: ReturnType<typeof session.progress> | undefined;
    const result = await drive(
      compare({ task, candidates, engine, seeds, seed, steps, signal }),
      (record) => {
        progress ??= session.progress(record.runs * steps, "steps");
        const rate = record.baseRate === null ? "" : ` from ${record.baseRate}`;
        const phase = record.phase === "search" ? "search" : `seed ${record.seed}`;
        progress.update(record.run * steps + record.step + 1, `${record.schedule}${rate}, ${phase}`);
      },
    );
    if (out) await writeFileAtomic(out, `${JSON.stringify(result)}\n`);
    const runs = result.runs.map(({ curve: _, ...run }) => run);
    return { json: { ...result, runs }, text: describe(task.name, steps, seeds, result.summary) };
  });
}

function describe(task: string, steps: number, seeds: number, summary: readonly CompareSummary[]): string {
  const rows = summary.map((row) => ({ ...row, label: row.schedule, learned: row.tuningRuns === 0 }));
  return [
    `${task}, ${steps} steps, ${seeds} seed${seeds > 1 ? "s" : ""}: accuracy and loss on test data, mean ± standard error`,
    textTable(summaryTable(rows)),
  ].join("\n");
}
