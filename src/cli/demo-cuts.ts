import type { DemoPlan, PlannedComparison } from "./demo-plan.ts";

/** A comparison as it was made: in trainings of so many steps, with so many final runs of every schedule. */
export type MadeComparison = PlannedComparison & { seeds: number };

/** What the plan had and there was no time for; of a comparison the same for all its schedules. */
export type Cut =
  | { what: "generations"; planned: number; done: number }
  | { what: "steps" | "seeds"; task: string; planned: number; done: number }
  | { what: "comparison"; task: string };

/** @param made what there was time for, generations and comparisons. */
export function cutsOf(
  plan: Pick<DemoPlan, "live" | "comparisons" | "seeds">,
  made: { generations: number; comparisons: readonly MadeComparison[] },
): Cut[] {
  const { generations } = plan.live;
  const learning: Cut[] =
    made.generations < generations
      ? [{ what: "generations", planned: generations, done: made.generations }]
      : [];
  const comparing = plan.comparisons.flatMap(({ task, steps }): Cut[] => {
    const done = made.comparisons.find((comparison) => comparison.task === task);
    if (!done) return [{ what: "comparison", task }];
    const numbers = [
      { what: "steps" as const, task, planned: steps, done: done.steps },
      { what: "seeds" as const, task, planned: plan.seeds, done: done.seeds },
    ];
    return numbers.filter(({ planned, done }) => done < planned);
  });
  return [...learning, ...comparing];
}

/** What was cut and why, in a sentence or two; empty where nothing was. */
export function cutsText(cuts: readonly Cut[]): string {
  if (cuts.length === 0) return "";
  const tasks = new Map<string, string[]>();
  const parts: string[] = [];
  for (const cut of cuts) {
    if (cut.what === "generations") parts.push(`${of(cut)} to learn in`);
    else if (cut.what === "comparison") tasks.set(cut.task, ["left out"]);
    else tasks.set(cut.task, [...(tasks.get(cut.task) ?? []), of(cut)]);
  }
  for (const [task, own] of tasks) parts.push(`${task} ${own.join(" and ")}`);
  return `Cut to end within three minutes on this machine, for all schedules of a comparison alike: ${parts.join("; ")}. mlr-snet demo --full cuts nothing.`;
}

const of = ({ what, planned, done }: Exclude<Cut, { what: "comparison" }>): string =>
  `${done.toLocaleString("en-US")} of ${planned.toLocaleString("en-US")} ${what}`;
