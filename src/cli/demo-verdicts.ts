import {
  type CompareResult,
  type CompareSummary,
  type PairedDifference,
  pairedDifference,
} from "../benchmark/index.ts";
import { advantage } from "../benchmark/internal.ts";
import type { Verdict } from "../report/index.ts";
import { formatDuration, formatPercent } from "../report/internal.ts";
import { isLearned, liveName, type PlannedComparison, paperName, zooName } from "./demo-plan.ts";
import { verdictWords } from "./difference-text.ts";

/**
 * What a comparison says of the learned schedules, in sentences: `zoo:default` beside the best that was tuned by hand and
 * beside `zoo:paper`, and the one learned just now beside both. Few seeds give means and no verdict.
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
  const best = byHand.reduce((a, b) => (advantage(b.mean, a.mean, judgedBy) > 0 ? b : a));
  const tuning = byHand.reduce((sum, { tuningRuns }) => sum + tuningRuns, 0);
  const [zoo, paper, live] = [rowOf(zooName), rowOf(paperName), rowOf(liveName)];
  const beside = (a: string, b: string): PairedDifference => pairedDifference(runs, a, b, judgedBy)!;
  const against = beside(zooName, best.schedule);
  const againstPaper = beside(zooName, paperName);
  const liveAgainst = beside(liveName, best.schedule);
  const liveAgainstZoo = beside(liveName, zooName);
  return [
    {
      topic: title,
      outcome: against.verdict,
      text: `${zooName} ends ${place(against)} ${best.schedule}, the best of ${byHand.length} made by hand, which were tuned in ${tuning} runs together: ${end(zoo)} without a tuning run beside ${end(best)}${remark(against)}.`,
    },
    {
      topic: title,
      outcome: againstPaper.verdict,
      text: `${zooName} ends ${place(againstPaper)} ${paperName}, which was learned by the paper's recipe and ends at ${end(paper)}${remark(againstPaper)}.`,
    },
    {
      topic: title,
      outcome: liveAgainst.verdict,
      text: `The schedule learned just now, in ${formatDuration(seconds)} on this machine, ends at ${end(live)}, ${place(liveAgainst)} the best by hand and ${place(liveAgainstZoo)} ${zooName}${remark(liveAgainst)}.`,
    },
  ];
}

/** Where one schedule ends beside another, which is named next; by the means. */
const place = ({ difference }: PairedDifference): string =>
  `${Math.abs(100 * difference).toFixed(1)} points ${difference < 0 ? "below" : "above"}`;

/** What the seeds allow to say of it. */
function remark({ verdict, seeds, low, high }: PairedDifference): string {
  if (verdict === null || low === null || high === null)
    return `; means of ${seeds} seed${seeds === 1 ? "" : "s"}, too few for a verdict`;
  return `; ${verdictWords(verdict)}, the interval of the difference is ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} points`;
}

/** Where the runs of a schedule end; those that diverged count as guessing. */
function end({ mean, diverged, runs }: CompareSummary): string {
  return `${formatPercent(mean)}${diverged > 0 ? ` (${diverged} of ${runs} runs diverged)` : ""}`;
}
