import type { Command } from "commander";
import type { BenchmarkPlan, BenchmarkUnit } from "../../benchmark/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { formatDuration } from "../../report/internal.ts";
import type { Define } from "../define.ts";
import { drain } from "../drain.ts";
import { choice, integer, names, number } from "../parse.ts";
import { prose } from "../prose.ts";

const baselineChoices = ["both", "tuned", "untuned", "none"] as const;

type Options = {
  suite: string;
  quick?: true;
  schedules?: string[];
  tasks?: string[];
  seeds?: number;
  untunedSeeds?: number;
  trials?: number;
  baselines: (typeof baselineChoices)[number];
  workers?: number;
  guard?: true;
  horizonFactor?: number;
  out?: string;
  resume?: true;
};

const about = `
Compares schedules on all tasks of a suite, each by the protocol of \`mlr-snet compare\`, and says for every learned one
where it is better, not worse, behind, or where the seeds are inconclusive.

Learned schedules (files, zoo:NAME) are used as they are. Tuned baselines (constant, cosine, linear, onecycle) choose
among --trials base rates on validation data, with two search seeds, and one more beyond an edge that wins. Untuned
baselines are the fourteen schedules of the protocol at their usual base rate, named cosine@default and so on, with
--untuned-seeds seeds: means of many, without a verdict. Names in --schedules are searched like the tuned baselines.

A learned schedule is measured against the comparator: the tuned baseline whose search found the best result on
validation data. Beside it stands the one that is best on the test data, which is chosen with hindsight and so
flattered. All final runs train on the training part alone: validation data are never trained on, and every run keeps
its last result on them, for choices to go by. \`dev\` is the suite that choices about learned schedules are made on.

Each schedule on each task is a unit, done by one of --workers threads; their number changes no result. --out is
written after every unit. With --resume, units that are in that file already are taken from it: run the baselines once,
then each new candidate for the price of its own runs. The code of this package is no part of what is compared, but for
the version of the protocol and the settings and data of the tasks: begin a new file where training has changed.`;

const examples = `
The search uses --seed S and S+10000, the final runs S+1, S+2, ... Data sets are those of \`mlr-snet data list\`; see --data.

Examples:
  mlr-snet benchmark --quick
  mlr-snet benchmark --suite dev --out dev.json
  mlr-snet benchmark --suite dev --schedules ./s.safetensors --out dev.json --resume
  mlr-snet benchmark --tasks dev/mnist1d-mlp,mnist/mlp --schedules ./s.safetensors --baselines tuned --guard`;

/** `mlr-snet benchmark` */
export function addBenchmark(program: Command, define: Define): void {
  const command = program
    .command("benchmark")
    .summary("compare schedules on all tasks of a suite")
    .description(prose(about))
    .option("--suite <name>", "dev; final comes later", choice("--suite", ["dev", "final"]), "dev")
    .option("--quick", "seconds: generated tasks, a quarter of the steps, 1 seed, 2 trials; says nothing")
    .option("--schedules <a,b,...>", "candidates: schedule files and names", names("--schedules"))
    .option("--tasks <a,b,...>", "of the suite (default: all)", names("--tasks"))
    .option("--seeds <n>", "final runs of each schedule (default: 10)", integer("--seeds", 1, 9999))
    .option(
      "--untuned-seeds <n>",
      "final runs of the untuned baselines (default: 3)",
      integer("--untuned-seeds", 1, 9999),
    )
    .option("--trials <k>", "base rates of a search (default: 5)", integer("--trials", 1, 1000))
    .option("--baselines <which>", baselineChoices.join(", "), choice("--baselines", baselineChoices), "both")
    .option("--workers <n>", "threads at work (default: the cores, at most 2)", integer("--workers", 1, 256))
    .option("--guard", "guard the learned schedules against a rate that is too large")
    .option(
      "--horizon-factor <x>",
      "tell the learned schedules a horizon of so many times the right one",
      number("--horizon-factor", "> 0"),
    )
    .option("--out <file>", "write runs, summary and differences as JSON, after every unit")
    .option("--resume", "take what is in --out already from there")
    .addHelpText("after", examples);
  define<Options>(command, async (options, session) => {
    const {
      suite,
      out,
      resume,
      baselines,
      guard,
      data,
      threads,
      json: _json,
      debug: _debug,
      ...chosen
    } = options;
    if (resume && !out) throw new MlrSnetError("USAGE", "Expected `--out` with `--resume`, got none.");
    if (threads !== undefined && threads !== 1)
      throw new MlrSnetError(
        "USAGE",
        `Expected \`--workers\` for more at the same time, got \`--threads ${threads}\`: each worker has one thread.`,
      );
    const { writeFileAtomic } = await import("../../training/index.ts");
    const { checkWritable } = await import("../../files/internal.ts");
    const { benchmark, encodeBenchmark, readBenchmark } = await import("../../benchmark/index.ts");
    const { findSuite, keyText } = await import("../../benchmark/internal.ts");
    findSuite(suite);
    if (out) await checkWritable(out);
    const stored = out && resume ? await readBenchmark(out) : [];
    /** What the file holds stays in it. */
    const units = new Map(stored.map((unit) => [keyText(unit.key), unit]));
    const keep = async (unit: BenchmarkUnit): Promise<void> => {
      units.set(keyText(unit.key), unit);
      if (out) await writeFileAtomic(out, encodeBenchmark(null, [...units.values()]));
    };
    let progress: ReturnType<typeof session.progress> | undefined;
    const result = await drain(
      benchmark({
        ...chosen,
        suite,
        baselines: baselines === "both" ? ["tuned", "untuned"] : baselines === "none" ? [] : [baselines],
        stored,
        signal: session.signal,
        ...(guard && { divergenceGuard: guard }),
        ...(data && { dataDirectory: data }),
      }),
      async ({ task, schedule, done, total, plan, unit }) => {
        if (plan) return session.note(planText(plan));
        progress ??= session.progress(total, "steps");
        progress.update(done, `${task}: ${schedule}`);
        if (unit) await keep(unit);
      },
    ).catch((error: unknown) => {
      throw error instanceof MlrSnetError && error.code === "INTERRUPTED"
        ? interrupted(units.size > 0 ? out : undefined)
        : error;
    });
    const { describeMachine } = await import("../machine.ts");
    const json = { ...result, machine: describeMachine(result.runtime) };
    if (out) await writeFileAtomic(out, encodeBenchmark(json, [...units.values()]));
    const { benchmarkText } = await import("../benchmark-tables.ts");
    return { json, text: benchmarkText(result) };
  });
}

function planText({ units, runs, steps, seconds }: BenchmarkPlan): string {
  if (units === 0) return "Nothing to run: all units are in the file.";
  const count = (value: number): string => value.toLocaleString("en-US");
  return `${count(units)} units, ${count(runs)} runs, ${count(steps)} steps: about ${formatDuration(seconds)} on cores that are free.`;
}

/** @param out the file, where it holds finished units. */
function interrupted(out: string | undefined): MlrSnetError {
  const kept = out
    ? `the finished units are in ${out}, and the same command with --resume goes on`
    : "no finished unit is kept; --out keeps them";
  return new MlrSnetError("INTERRUPTED", `Stopped: ${kept}.`);
}
