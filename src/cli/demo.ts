import { join, relative } from "node:path";
import { protocolVersion } from "../benchmark/index.ts";
import { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { checkWritable, makeFolder } from "../files/internal.ts";
import { summaryTable, textTable, writeReport } from "../report/index.ts";
import { formatCount, formatDuration } from "../report/internal.ts";
import { MlrSnet } from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/internal.ts";
import { writeFileAtomic } from "../training/index.ts";
import { secondsSince } from "./demo-budget.ts";
import { runComparisons } from "./demo-comparisons.ts";
import { cutsOf, cutsText } from "./demo-cuts.ts";
import { learnLive } from "./demo-learning.ts";
import {
  type DemoPlan,
  demoPlan,
  fullPlan,
  paperName,
  quickPlan,
  schedulesOf,
  searchSeeds,
  zooName,
} from "./demo-plan.ts";
import { type DemoResult, reportOf, rowsOf, usageCode } from "./demo-report.ts";
import { verdictsOn } from "./demo-verdicts.ts";
import { describeMachine } from "./machine.ts";
import type { Answer, CommonOptions, Session } from "./session.ts";

/** Flags of the demo beside its folder. */
export type DemoFlags = CommonOptions & { quick?: true; full?: true };

/**
 * The whole story: learn a schedule, compare it and those of the package with tuned ones, report.
 *
 * @param folder is made where it is missing; gets report.html, schedule.safetensors and results.json.
 */
export async function runDemo(folder: string, options: DemoFlags, session: Session): Promise<Answer> {
  const plan = options.quick ? quickPlan : options.full ? fullPlan : demoPlan;
  const started = performance.now();
  const { seed = 0, device = "cpu" } = options;
  const file = (name: string): string => join(folder, name);
  const scheduleFile = file("schedule.safetensors");
  await prepareFolder(folder);
  await checkWritable(file("report.html"));
  // A package without its zoo is found out before the work begins.
  const [zoo, paper] = await Promise.all([MlrSnet.load(zooName), MlrSnet.load(paperName)]);
  const { version: runtime } = await Engine.create({ threads: 1, planFolder: null });
  const { version, commit } = describeMachine(runtime);

  session.note(`1/2  Learning a small schedule by the long-horizon recipe: ${describeLearning(plan)}`);
  const provenance = { name: "demo", version, commit, runtime };
  const live = await learnLive(plan, seed, provenance, session);
  await writeFileAtomic(scheduleFile, encodeSchedule(live.schedule));
  session.note(`     learned in ${formatDuration(live.seconds)}`);

  session.note("2/2  Comparing it and the package's two with schedules made by hand, with a search each");
  const schedules = schedulesOf(plan, scheduleFile);
  const comparisons = await runComparisons({ plan, schedules, seed, device, started, session });
  const demo: DemoResult = {
    plan,
    command: commandOf(options),
    seed,
    cuts: cutsOf(plan, {
      generations: live.records.length,
      comparisons: comparisons.map(({ made }) => made),
    }),
    live,
    zoo,
    paper,
    scheduleFile,
    comparisons: comparisons.map(({ made, result }) => ({
      ...{ made, result },
      verdicts: verdictsOn(made, result, live.seconds),
    })),
    seconds: secondsSince(started),
    machine: describeMachine(runtime),
  };
  await writeReport(reportOf(demo), file("report.html"));
  await writeFileAtomic(file("results.json"), `${JSON.stringify(resultsOf(demo))}\n`);
  const stamp = { protocolVersion, commit, seed, searchSeeds };
  const table = demo.comparisons.flatMap(({ made: { steps }, result: { task, taskHash, summary } }) =>
    summary.map((row) => ({ task, ...row, steps, taskHash, ...stamp })),
  );
  return { json: { report: file("report.html"), table, cuts: demo.cuts }, text: describe(demo, folder) };
}

function describeLearning({ live: { generations, options }, budget }: DemoPlan): string {
  const trainings = formatCount(generations * options.tasks * 2 * options.pairs);
  const all = `${formatCount(generations)} generations, ${trainings} whole trainings`;
  return budget ? `${all}, or what ${formatDuration(budget.learning)} allow` : all;
}

/** What was typed, but for where the files go. */
function commandOf({ quick, full, seed, device }: DemoFlags): string {
  const flags = [
    quick && " --quick",
    full && " --full",
    seed && ` --seed ${seed}`,
    device && ` --device ${device}`,
  ];
  return `mlr-snet demo${flags.filter(Boolean).join("")}`;
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
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
function resultsOf({ plan, live, comparisons, seed, cuts, machine, seconds }: DemoResult): object {
  return {
    machine,
    seconds,
    plan,
    seed,
    cuts,
    live: { seconds: live.seconds, records: live.records },
    comparisons: comparisons.map(({ made, result, verdicts }) => ({
      ...made,
      runs: result.runs.map(({ curve: _, ...run }) => run),
      summary: result.summary,
      verdicts,
    })),
  };
}

function describe(demo: DemoResult, folder: string): string {
  const tables = demo.comparisons.map(({ made, result, verdicts }) =>
    [
      `${made.title}: ${made.task}, ${made.steps} steps, test data, mean ± standard error of ${made.seeds} seeds`,
      textTable(summaryTable(rowsOf(result))),
      "",
      ...verdicts.map(({ text }) => text),
    ].join("\n"),
  );
  const { caution } = demo.plan;
  const path = relative(".", demo.scheduleFile);
  return [
    ...tables,
    ...(demo.cuts.length > 0 ? [cutsText(demo.cuts)] : []),
    ...(caution ? [`${caution}.`] : []),
    `Use a schedule of the package in your own training loop:\n\n${usageCode.replace(/^(?=.)/gm, "  ")}`,
    `${formatDuration(demo.seconds)}. Report: ${join(folder, "report.html")}   Learned just now: ${path.startsWith("..") ? demo.scheduleFile : path}`,
  ].join("\n\n");
}
