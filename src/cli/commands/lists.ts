import type { Command } from "commander";
import { textTable } from "../../report/index.ts";
import { catalogue, zooNames } from "../../schedules/index.ts";
import type { Define } from "../define.ts";
import { prose } from "../prose.ts";
import { references, summaries, zoo } from "../schedule-summaries.ts";

/** `mlr-snet tasks` */
export function addTasks(program: Command, define: Define): void {
  const command = program
    .command("tasks")
    .summary("list the built-in tasks")
    .description(
      prose(`Lists the tasks that come with the package: a data set, a network, an optimizer, a batch size and a usual
        number of updates. Wherever a task is asked for, a file may stand instead: \`--task ./t.mjs\`, a module whose
        default export is a task, as in examples/custom-task.mjs.`),
    )
    .addHelpText("after", "\nExamples:\n  mlr-snet tasks\n  mlr-snet tasks --json");
  define(command, async () => {
    const { tasks } = await import("../../training/index.ts");
    const rows = tasks.map(({ name, steps, summary }) => ({ name, steps, summary }));
    return {
      json: { tasks: rows },
      text: textTable({
        columns: [
          { title: "task", align: "left" },
          { title: "steps", align: "right" },
          { title: "what it is", align: "left" },
        ],
        rows: rows.map(({ name, steps, summary }) => [name, String(steps), summary]),
      }),
    };
  });
}

/** `mlr-snet schedules` */
export function addSchedules(program: Command, define: Define): void {
  const command = program
    .command("schedules")
    .summary("list the schedules")
    .description(
      prose(`Lists the schedules made by hand, the learned ones that come with the package, \`zoo:NAME\`, and what these
        are measured against, used as they are too: \`calibrated:NAME\` and \`control:NAME\`. Wherever a schedule is asked for, the path of a learned one may stand instead: a file from \`mlr-snet meta-train\` or
        \`mlr-snet import\`.`),
    )
    .addHelpText("after", "\nExamples:\n  mlr-snet schedules\n  mlr-snet schedules --json");
  define(command, async () => {
    const rows = [
      ...catalogue.map(({ name, needs, observes }) => ({ name, summary: summaries[name]!, needs, observes })),
      ...zooNames.map((name) => ({ name: `zoo:${name}`, ...zoo[name]!, observes: [] })),
      ...Object.entries(references).map(([name, row]) => ({ name, ...row, observes: [] })),
    ];
    return {
      json: { schedules: rows },
      text: textTable({
        columns: [
          { title: "schedule", align: "left" },
          { title: "what it does", align: "left" },
        ],
        rows: rows.map(({ name, summary }) => [name, summary]),
      }),
    };
  });
}
