import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { MlrSnetError } from "../errors.ts";
import { type MetaTrainingRecord, MetaTrainingRun } from "../meta/index.ts";
import {
  formatDuration,
  formatLoss,
  formatRate,
  summaryTable,
  textTable,
  writeReport,
} from "../report/index.ts";
import { encodeSchedule } from "../schedules/writer.ts";
import { checkWritable, findTask, splitsOf, writeFileAtomic } from "../training/index.ts";
import { type DemoPlan, demoPlan, quickPlan } from "./demo-plan.ts";
import { runComparisons } from "./demo-processes.ts";
import { type DemoResult, reportOf, rowsOf, usageCode } from "./demo-report.ts";
import { verdictsOn } from "./demo-verdicts.ts";
import { describeMachine } from "./machine.ts";
import { type Answer, type CommonOptions, createEngine, type Session } from "./session.ts";

/**
 * The whole story: learn, transfer, compare, report.
 *
 * @param folder is made where it is missing; gets report.html, schedule.safetensors and results.json.
 */
export async function runDemo(
  folder: string,
  options: CommonOptions & { quick?: true },
  session: Session,
): Promise<Answer> {
  const plan = options.quick ? quickPlan : demoPlan;
  const started = performance.now();
  const { seed = 0, device = "cpu" } = options;
  const file = (name: string): string => join(folder, name);
  await makeFolder(folder);
  await checkWritable(file("report.html"));
  session.note(
    `1/2  Learning a schedule on ${plan.metaTraining.task}, ${plan.metaTraining.steps} steps, by the paper's recipe`,
  );
  const { run, records, runtime } = await learn(plan, options, session);
  const schedule = run.schedule();
  await writeFileAtomic(file("schedule.safetensors"), encodeSchedule(schedule));
  const first = records[0]!.learningRate;
  session.note(
    `     its learning rate went from ${formatRate(first)} to ${formatRate(records.at(-1)!.learningRate)}`,
  );

  session.note("2/2  Transferring it, beside schedules made by hand with a search each");
  const progress = session.progress(1, "");
  const results = await runComparisons(
    plan.comparisons.map((planned) => ({
      ...plan,
      ...planned,
      schedule: file("schedule.safetensors"),
      seed,
      device,
    })),
    (states) =>
      progress.update(
        Math.min(...states.map(({ fraction }) => fraction)),
        states.map(({ note }) => note).join(" | "),
      ),
    session.signal,
  );
  const comparisons = plan.comparisons.map((planned, index) => ({
    planned,
    result: results[index]!,
    verdicts: verdictsOn(planned, results[index]!),
  }));
  const demo: DemoResult = {
    plan,
    command: commandOf(options),
    run,
    seed,
    records,
    schedule,
    scheduleFile: file("schedule.safetensors"),
    comparisons,
    seconds: (performance.now() - started) / 1000,
    machine: describeMachine(runtime),
  };
  await writeReport(reportOf(demo), file("report.html"));
  await writeFileAtomic(file("results.json"), `${JSON.stringify(resultsOf(demo))}\n`);
  const table = comparisons.flatMap(({ result }) =>
    result.summary.map((row) => ({ task: result.task, ...row })),
  );
  return { json: { report: file("report.html"), table }, text: describe(demo, folder) };
}

async function learn(
  plan: DemoPlan,
  options: CommonOptions,
  session: Session,
): Promise<{ run: MetaTrainingRun; records: MetaTrainingRecord[]; runtime: string }> {
  const { task: name, steps } = plan.metaTraining;
  const { seed = 0 } = options;
  const task = await findTask(name).load();
  const engine = await createEngine({ ...options, threads: 1 });
  const run = new MetaTrainingRun({
    task,
    data: splitsOf(task),
    engine,
    seed,
    steps,
    signal: session.signal,
  });
  const progress = session.progress(steps, "steps");
  const records: MetaTrainingRecord[] = [];
  for await (const record of run.records()) {
    records.push(record);
    const { loss, learningRate } = record;
    progress.update(record.step + 1, `loss ${formatLoss(loss)}, rate ${formatRate(learningRate)}`);
  }
  await run.release();
  if (!run.outcome) throw new MlrSnetError("INTERRUPTED", `Stopped after ${records.length} steps.`);
  return { run, records, runtime: engine.version };
}

/** What was typed, but for where the files go. */
function commandOf({ quick, seed, device }: CommonOptions & { quick?: true }): string {
  const flags = [quick && " --quick", seed && ` --seed ${seed}`, device && ` --device ${device}`];
  return `mlr-snet demo${flags.filter(Boolean).join("")}`;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const { message } = cause as Error;
    throw new MlrSnetError(
      "FILE_UNWRITABLE",
      `Cannot make the folder ${folder}: ${message}. Choose another with --out.`,
      { cause },
    );
  }
}

/** Everything but the curves, which are in the report. */
function resultsOf({ plan, comparisons, seed, machine, seconds }: DemoResult): object {
  return {
    machine,
    seconds,
    plan,
    seed,
    comparisons: comparisons.map(({ planned, result, verdicts }) => ({
      ...planned,
      runs: result.runs.map(({ curve: _, ...run }) => run),
      summary: result.summary,
      verdicts,
    })),
  };
}

function describe(demo: DemoResult, folder: string): string {
  const tables = demo.comparisons.map(({ planned, result, verdicts }) =>
    [
      `${planned.title}: ${planned.task}, ${planned.steps} steps, test data, mean ± standard error of ${demo.plan.seeds} seeds`,
      textTable(summaryTable(rowsOf(result))),
      "",
      ...verdicts.map(({ text }) => text),
    ].join("\n"),
  );
  const path = relative(".", demo.scheduleFile);
  const { caution } = demo.plan;
  return [
    ...tables,
    ...(caution ? [`${caution}.`] : []),
    `Use it in your own training loop:\n\n${usageCode(path.startsWith("..") ? demo.scheduleFile : `./${path}`).replace(/^(?=.)/gm, "  ")}`,
    `${formatDuration(demo.seconds)}. Report: ${join(folder, "report.html")}   Schedule: ${demo.scheduleFile}`,
  ].join("\n\n");
}
