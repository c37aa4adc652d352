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
import { learnLive } from "./demo-learning.ts";
import { demoPlan, liveName, paperName, quickPlan, searchSeeds, zooName } from "./demo-plan.ts";
import { runComparisons } from "./demo-processes.ts";
import { type DemoResult, reportOf, rowsOf, usageCode } from "./demo-report.ts";
import { verdictsOn } from "./demo-verdicts.ts";
import { describeMachine } from "./machine.ts";
import type { Answer, CommonOptions, Session } from "./session.ts";

/**
 * The whole story: learn a schedule, compare it and those of the package with tuned ones, report.
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
  const scheduleFile = file("schedule.safetensors");
  await prepareFolder(folder);
  await checkWritable(file("report.html"));
  // A package without its zoo is found out before the work begins.
  const [zoo, paper] = await Promise.all([MlrSnet.load(zooName), MlrSnet.load(paperName)]);
  const { version: runtime } = await Engine.create({ threads: 1, planFolder: null });
  const { version, commit } = describeMachine(runtime);

  const { generations, options: recipe } = plan.live;
  session.note(
    `1/2  Learning a small schedule by the long-horizon recipe: ${generations} generations, ` +
      `${formatCount(generations * recipe.tasks * 2 * recipe.pairs)} whole trainings`,
  );
  const live = await learnLive(plan.live, seed, { name: "demo", version, commit, runtime }, session);
  await writeFileAtomic(scheduleFile, encodeSchedule(live.schedule));
  session.note(`     learned in ${formatDuration(live.seconds)}`);

  session.note("2/2  Comparing it and the package's two with schedules made by hand, with a search each");
  const progress = session.progress(1, "");
  const results = await runComparisons(
    plan.comparisons.map((planned) => ({
      ...plan,
      ...planned,
      learned: [
        { name: zooName, source: zooName },
        { name: paperName, source: paperName },
        { name: liveName, source: scheduleFile },
      ],
      seed,
      device,
    })),
    (states) =>
      progress.update(
        states.reduce((sum, { fraction }) => sum + fraction, 0) / states.length,
        states.map(({ note }) => note).join(" | "),
      ),
    session.signal,
  );
  const demo: DemoResult = {
    plan,
    command: commandOf(options),
    seed,
    live,
    zoo,
    paper,
    scheduleFile,
    comparisons: plan.comparisons.map((planned, index) => ({
      planned,
      result: results[index]!,
      verdicts: verdictsOn(planned, results[index]!, live.seconds),
    })),
    seconds: (performance.now() - started) / 1000,
    machine: describeMachine(runtime),
  };
  await writeReport(reportOf(demo), file("report.html"));
  await writeFileAtomic(file("results.json"), `${JSON.stringify(resultsOf(demo))}\n`);
  const stamp = { protocolVersion, commit, seed, searchSeeds };
  const table = demo.comparisons.flatMap(({ planned: { steps }, result: { task, taskHash, summary } }) =>
    summary.map((row) => ({ task, ...row, steps, taskHash, ...stamp })),
  );
  return { json: { report: file("report.html"), table }, text: describe(demo, folder) };
}

/** What was typed, but for where the files go. */
function commandOf({ quick, seed, device }: CommonOptions & { quick?: true }): string {
  const flags = [quick && " --quick", seed && ` --seed ${seed}`, device && ` --device ${device}`];
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
function resultsOf({ plan, live, comparisons, seed, machine, seconds }: DemoResult): object {
  return {
    machine,
    seconds,
    plan,
    seed,
    live: { seconds: live.seconds, records: live.records },
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
  const { caution } = demo.plan;
  const path = relative(".", demo.scheduleFile);
  return [
    ...tables,
    ...(caution ? [`${caution}.`] : []),
    `Use a schedule of the package in your own training loop:\n\n${usageCode.replace(/^(?=.)/gm, "  ")}`,
    `${formatDuration(demo.seconds)}. Report: ${join(folder, "report.html")}   Learned just now: ${path.startsWith("..") ? demo.scheduleFile : path}`,
  ].join("\n\n");
}
