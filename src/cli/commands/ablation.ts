import { availableParallelism } from "node:os";
import type { Command } from "commander";
import type { AblationSchedule, BenchmarkResult } from "../../benchmark/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { unknownName } from "../../schedules/internal.ts";
import { type AblationRow, ablationTable, readRows, rowOf } from "../ablation-rows.ts";
import type { Define } from "../define.ts";
import { drain } from "../drain.ts";
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
  resume?: true;
};

const about = `Takes the long-horizon recipe apart: learns a schedule for each variant, one thing changed at a time (output form,
inputs, tasks, estimator, horizon), all with the same seed and number of generations, and measures each on generated
tasks that were held out and on the development suite. One meta-training each: direction, not proof.

The schedules are kept in --folder, and used again where they were made the same way: stopped at any moment, the same
command goes on with the first variant that is not there. Some variants are other uses of the default's schedule, with
the divergence guard or a wrong horizon: on held-out tasks they are the default. no-network, calibrated-linear and paper learn nothing:
they are what the others are to be measured against.

--only measures these variants alone. With --resume the rows of all others are taken from --out, where they stand with the
same generations, seeds and tasks: so a variant can be measured anew, or added, without learning the others again.`;

const examples = `
Examples:
  mlr-snet ablation --generations 300 --folder ablation --out ablation.json
  mlr-snet ablation --only no-network,calibrated-linear,paper --out ablation.json --resume
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
    .option(
      "--only <a,b,...>",
      "variants to measure (default: all; with --resume those that --out lacks)",
      names("--only"),
    )
    .option("--tasks <a,b,...>", "of the development suite (default: all)", names("--tasks"))
    .option("--held-out <n>", "number of held-out tasks (default: 96)", integer("--held-out", 1, 100_000))
    .option("--workers <n>", "threads at work (default: the cores)", integer("--workers", 1, 256))
    .option("--seeds <n>", "runs of each task of the development suite", integer("--seeds", 1), 3)
    .option("--out <file>", "write the rows as JSON")
    .option("--resume", "take the rows of other variants from --out")
    .addHelpText("after", examples);
  define<Options>(command, async (options, session) => {
    const { generations, folder, tasks, heldOut, seeds, seed = 0, out, resume, data } = options;
    if (resume && !out) throw new MlrSnetError("USAGE", "Expected `--out` with `--resume`, got none.");
    const { writeFileAtomic } = await import("../../training/index.ts");
    const { checkWritable } = await import("../../files/internal.ts");
    const { benchmark, sourceCommit } = await import("../../benchmark/index.ts");
    const { ablationVariants, findSuite, learnVariants } = await import("../../benchmark/internal.ts");
    const { describeMachine } = await import("../machine.ts");
    if (out) await checkWritable(out);
    const suite = findSuite("dev");
    const known = suite.map(({ name }) => name);
    const wrong = tasks?.find((name) => !known.includes(name));
    if (wrong !== undefined) throw unknownName("task", wrong, known);
    // Data that are missing are found out now, not after hours of training.
    for (const { name, load } of suite)
      if (!tasks || tasks.includes(name)) await load(data ? { dataDirectory: data } : {});
    const { heldOutTasks } = await import("../../meta/internal.ts");
    const chosenTasks = known.filter((name) => !tasks || tasks.includes(name));
    const settings = { generations, seed, seeds, tasks: chosenTasks, heldOut: heldOut ?? heldOutTasks };
    const stored = out && resume ? await readRows(out, settings) : undefined;
    const kept = stored?.rows ?? [];
    const missing = ablationVariants.filter(({ name }) => !kept.some(({ variant }) => variant === name));
    const only = options.only ?? (resume ? missing.map(({ name }) => name) : undefined);
    const commit = sourceCommit();
    const workers = options.workers ?? availableParallelism();
    const { signal } = session;

    const learn = async (): Promise<AblationSchedule[]> => {
      let current = "";
      let progress: ReturnType<typeof session.progress> | undefined;
      const chosen = { ...(only && { only }), ...(heldOut && { heldOut }) };
      return await drain(
        learnVariants({ generations, seed, folder, workers, signal, ...chosen }),
        ({ variant, done, total }) => {
          if (variant !== current) progress = session.progress(total, "");
          current = variant;
          progress?.update(done, `${variant}: ${done} of ${total}`);
        },
      );
    };
    const measure = async (learned: readonly AblationSchedule[]): Promise<BenchmarkResult[]> => {
      const progress = session.progress(learned.length, "");
      const results: BenchmarkResult[] = [];
      for (const { variant, path } of learned) {
        const use = variant.kind === "use" ? variant : undefined;
        const result = await drain(
          benchmark({
            schedules: [path],
            baselines: [],
            estimates: false,
            keepsValidation: false, // as the rows that are kept from earlier ones
            seeds,
            seed,
            workers,
            signal,
            ...(tasks && { tasks }),
            ...(use?.divergenceGuard && { divergenceGuard: true }),
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
      const fresh = learned.map((schedule, index) => rowOf(schedule, results[index]!, commit));
      const rows = ablationVariants.flatMap(({ name }) => {
        const isOwn = ({ variant }: AblationRow): boolean => variant === name;
        return fresh.find(isOwn) ?? kept.find(isOwn) ?? [];
      });
      const machine = results[0] ? describeMachine(results[0].runtime) : stored?.machine;
      const json = { generations, seed, seeds, rows, machine };
      if (out) await writeFileAtomic(out, `${JSON.stringify(json, null, 1)}\n`);
      return { json, text: ablationTable(rows) };
    } catch (error) {
      if (!(error instanceof MlrSnetError && error.code === "INTERRUPTED")) throw error;
      throw new MlrSnetError(
        "INTERRUPTED",
        `Stopped. The schedules learned so far are in ${folder}: the same command goes on from there.`,
      );
    }
  });
}
