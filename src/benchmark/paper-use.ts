import { languageReading, type MlrSnet, type MlrSnetOptions, type Schedule } from "../schedules/index.ts";
import { type OptimizerOptions, type Task, usualRate } from "../training/index.ts";

/** What of a task decides how a schedule is used on it. Without `data` it is no language task. */
export type TaskKind = { optimizer: OptimizerOptions } & Partial<Pick<Task, "data" | "loss">>;

/** The schedule that is used as the paper means it wherever a task is known, by its name alone. */
const paper = "zoo:paper";

/** The usual rate of plain SGD, which the paper's γ was made for. */
const unit = usualRate({ kind: "sgd" });

/** How `zoo:paper` is used, in words; undefined for every other name. */
export function paperUse(reference: string): string | undefined {
  return reference === paper ? "rates in units of the usual rate, language reading for language" : undefined;
}

/** A text with a label at each position: its measure is the perplexity. */
export function isLanguage({ data, loss = "cross-entropy" }: TaskKind): boolean {
  return loss === "cross-entropy" && (data?.train.labelsPerExample ?? 1) > 1;
}

/**
 * A learned schedule as it is used on a task: as its file says, but for the name `zoo:paper`.
 *
 * The paper's rate α = γ·p is one for plain SGD. By that name it is taken in units of the optimizer's usual rate, α · usual / 0.1,
 * without which it is ten times too large with momentum 0.9 and a hundred times with Adam; and on language tasks losses are
 * read as the paper reads them there: loss / ln C into the network, the perplexity in γ. With SGD on other tasks nothing is
 * changed, bit for bit. The same file by its path, and `control:paper-raw`, stay as they are.
 */
export function learnedOn(
  reference: string,
  file: MlrSnet,
  task: TaskKind,
  options: MlrSnetOptions = {},
): Schedule<unknown> {
  if (reference !== paper) return file.schedule(options) as Schedule<unknown>;
  const reading = isLanguage(task) ? { reading: languageReading } : {};
  const schedule = file.schedule({ ...reading, ...options }) as Schedule<unknown>;
  // A γ that was given is a rate already.
  return options.gamma === undefined ? scaled(schedule, usualRate(task.optimizer) / unit) : schedule;
}

/** The schedule with its rates times a factor > 0. Its state is the same. */
function scaled<State>(schedule: Schedule<State>, factor: number): Schedule<State> {
  if (factor === 1) return schedule;
  return {
    ...schedule,
    next(state, observed) {
      const decision = schedule.next(state, observed);
      return { ...decision, learningRate: factor * decision.learningRate };
    },
  };
}
