/**
 * How good a run was at one evaluation. `loss` is the mean in nats per label, of a regression the mean over the outputs;
 * null where it is not finite. `accuracy` is the share of right predictions, absent where the targets are real numbers;
 * `perplexity`, exp(loss), stands beside it for sequences with a label at each position.
 */
export type Score = { loss: number | null; accuracy?: number; perplexity?: number | null };

/** What runs are judged by: it chooses the rates and ranks the schedules. */
export type Measure = "accuracy" | "perplexity" | "loss";

/** What judging needs to know of a task. */
type Judged = { loss?: unknown };
type Targets = { labels: Int32Array | Float32Array; labelsPerExample?: number; classes?: number };

/** A diverged run: its loss is not finite, or so many times that of guessing, and higher than before the training. */
const farAbove = 10;

/** `loss` for real targets, `perplexity` for the cross-entropy of sequences with a label at each position, else `accuracy`. */
export function measureOf({ loss = "cross-entropy" }: Judged, train: Targets): Measure {
  if (train.labels instanceof Float32Array) return "loss";
  return (train.labelsPerExample ?? 1) > 1 && loss === "cross-entropy" ? "perplexity" : "accuracy";
}

export const isLargerBetter = (measure: Measure): boolean => measure === "accuracy";

/** The measured number of a score; the worst there is where the score has none. */
export function measured(score: Score, measure: Measure): number {
  return score[measure] ?? (isLargerBetter(measure) ? 0 : Number.POSITIVE_INFINITY);
}

/** How much better `ours` is than `theirs`, > 0 for better, in the unit of the measure. */
export function advantage(ours: number, theirs: number, measure: Measure): number {
  return isLargerBetter(measure) ? ours - theirs : theirs - ours;
}

/** Better by the measure; at the same value, with less loss. */
export function isBetter(a: Score, b: Score, measure: Measure): boolean {
  const [ours, theirs] = [measured(a, measure), measured(b, measure)];
  return ours === theirs ? measured(a, "loss") < measured(b, "loss") : advantage(ours, theirs, measure) > 0;
}

/**
 * The difference that does not matter: half a point of accuracy, 2 % of a perplexity or of a regression's loss.
 *
 * @param reference the value of the other schedule, which the 2 % are of.
 */
export function marginOf(measure: Measure, reference: number): number {
  return measure === "accuracy" ? 0.005 : 0.02 * reference;
}

/**
 * What a diverged run counts as: guessing by the training targets alone.
 *
 * Accuracy 1/C. Perplexity of the unigram model: the frequencies of the training labels, each counted once more, so that
 * a label that occurs in the judged data alone has one too. The loss of always predicting, for each output, the mean of
 * the training targets, or for the absolute error their median. Null for the loss of a function of one's own, which
 * knows no best constant: there the untrained network's loss stands in.
 */
export function guessOf(task: Judged, train: Targets, judged: Targets): number | null {
  const measure = measureOf(task, train);
  if (measure === "accuracy") return 1 / train.classes!;
  if (measure === "perplexity") return unigramPerplexity(train, judged);
  if (task.loss !== "squared-error" && task.loss !== "absolute-error") return null;
  const isSquared = task.loss === "squared-error";
  const width = train.labelsPerExample ?? 1;
  const constants = Array.from({ length: width }, (_, output) => {
    const own = train.labels.filter((_, index) => index % width === output);
    return isSquared ? meanOf(own) : medianOf(own);
  });
  let sum = 0;
  for (let index = 0; index < judged.labels.length; index++) {
    const error = Math.abs(judged.labels[index]! - constants[index % width]!);
    sum += isSquared ? error * error : error;
  }
  return sum / judged.labels.length;
}

/**
 * Whether a run that made all its updates was lost all the same. By accuracy: where its loss is not finite. By loss or
 * perplexity also where that is more than ten times the guess and worse than before the training.
 *
 * @param untrained the loss before the training, on the training data.
 */
export function isLost(score: Score, measure: Measure, guess: number, untrained: number): boolean {
  if (score.loss === null) return true;
  if (measure === "accuracy") return false;
  const value = measured(score, measure);
  return !Number.isFinite(value) || (value > farAbove * guess && score.loss > untrained);
}

function unigramPerplexity({ labels, classes }: Targets, judged: Targets): number {
  const counts = new Float64Array(classes!).fill(1);
  for (const label of labels) counts[label]!++;
  const total = labels.length + classes!;
  let sum = 0;
  for (const label of judged.labels) sum -= Math.log(counts[label]! / total);
  return Math.exp(sum / judged.labels.length);
}

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function medianOf(values: Int32Array | Float32Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
