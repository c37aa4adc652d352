import { type CompareResult, pairedDifference } from "../benchmark/index.ts";
import type { Verdict } from "../report/index.ts";
import { controlName, learnedName, type PlannedComparison } from "./demo-plan.ts";

/** What a comparison says of the learned schedule, in sentences: against the best by hand, and against its control. */
export function verdictsOn(
  { task, title, steps }: PlannedComparison,
  { runs, summary }: CompareResult,
): Verdict[] {
  const rowOf = (name: string) => summary.find(({ schedule }) => schedule === name)!;
  const learned = rowOf(learnedName);
  const best = summary
    .filter(({ schedule }) => schedule !== learnedName && schedule !== controlName)
    .reduce((a, b) => (b.mean > a.mean ? b : a));
  const against = pairedDifference(runs, learnedName, best.schedule);
  const control = pairedDifference(runs, learnedName, controlName);
  const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;
  const points = (difference: number): string => `${Math.abs(100 * difference).toFixed(1)} points`;
  const where = `${title} (${task}, ${steps.toLocaleString("en-US")} steps)`;
  const headline = {
    win: `MLR-SNet wins by ${points(against.mean)}`,
    tie: `MLR-SNet is level, ${points(against.mean)} ${against.mean < 0 ? "below" : "above"} and within the noise of the seeds`,
    loss: `The paper's recipe loses by ${points(against.mean)}`,
  }[against.outcome];
  const price =
    best.tuningRuns > 0 ? `, whose rate took ${best.tuningRuns} runs to find; MLR-SNet took none` : "";
  const reading = {
    win: `its network adds ${points(control.mean)} to that by reading the loss`,
    tie: "reading the loss adds nothing that shows",
    loss: `reading the loss costs ${points(control.mean)}`,
  }[control.outcome];
  return [
    {
      outcome: against.outcome,
      text: `${where}: ${headline}. It ends at ${percent(learned.mean)}, the best schedule made by hand (${best.schedule}) at ${percent(best.mean)}${price}.`,
    },
    {
      outcome: control.outcome,
      text: `${where}: its three levels as a plain staircase end at ${percent(rowOf(controlName).mean)}; ${reading}.`,
    },
  ];
}
