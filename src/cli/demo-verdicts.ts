import {
  type CompareResult,
  type CompareSummary,
  type PairedDifference,
  pairedDifference,
} from "../benchmark/index.ts";
import { formatDuration, formatPercent, type Verdict } from "../report/index.ts";
import { isLearned, liveName, type PlannedComparison, paperName, zooName } from "./demo-plan.ts";

/**
 * What a comparison says of the learned schedules, in sentences: `zoo:default` beside the best that was tuned by hand and
 * beside `zoo:paper`, and the one learned just now beside both.
 *
 * @param seconds that the live training took.
 */
export function verdictsOn(
  { title }: Pick<PlannedComparison, "title">,
  { runs, summary, judgedBy }: CompareResult,
  seconds: number,
): Verdict[] {
  const rowOf = (name: string): CompareSummary => summary.find(({ schedule }) => schedule === name)!;
  const byHand = summary.filter(({ schedule }) => !isLearned(schedule));
  const best = byHand.reduce((a, b) => (b.mean > a.mean ? b : a));
  const tuning = byHand.reduce((sum, { tuningRuns }) => sum + tuningRuns, 0);
  const [zoo, paper, live] = [rowOf(zooName), rowOf(paperName), rowOf(liveName)];
  const against = pairedDifference(runs, zooName, best.schedule, judgedBy);
  const againstPaper = pairedDifference(runs, zooName, paperName, judgedBy);
  const liveAgainst = pairedDifference(runs, liveName, best.schedule, judgedBy);
  const liveAgainstZoo = pairedDifference(runs, liveName, zooName, judgedBy);
  const headline = {
    win: `wins by ${points(against)}`,
    tie: `is level, ${points(against)} ${side(against)} and within the noise of the seeds`,
    loss: `loses by ${points(against)}`,
  }[against.outcome];
  return [
    {
      topic: title,
      outcome: against.outcome,
      text: `${zooName} ${headline}. Without a tuning run it ends at ${end(zoo)}; the best of ${byHand.length} made by hand, tuned in ${tuning} runs together, is ${best.schedule} at ${end(best)}.`,
    },
    {
      topic: title,
      outcome: againstPaper.outcome,
      text: `${zooName} ends ${place(againstPaper)} ${paperName}, which was learned by the paper's recipe and ends at ${end(paper)}.`,
    },
    {
      topic: title,
      outcome: liveAgainst.outcome,
      text: `The schedule learned just now, in ${formatDuration(seconds)} on this machine, ends at ${end(live)}, ${place(liveAgainst)} the best by hand and ${place(liveAgainstZoo)} ${zooName}.`,
    },
  ];
}

const points = ({ mean }: PairedDifference): string => `${Math.abs(100 * mean).toFixed(1)} points`;
const side = ({ mean }: PairedDifference): string => (mean < 0 ? "below" : "above");

/** Where one schedule ends beside another, which is named next. */
function place(difference: PairedDifference): string {
  return difference.outcome === "tie"
    ? "within the noise of the seeds of"
    : `${points(difference)} ${side(difference)}`;
}

/** Where the runs of a schedule end; those that diverged count as guessing. */
function end({ mean, diverged, runs }: CompareSummary): string {
  return `${formatPercent(mean)}${diverged > 0 ? ` (${diverged} of ${runs} runs diverged)` : ""}`;
}
