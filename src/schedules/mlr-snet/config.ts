import { type ErrorCode, MlrSnetError } from "../../errors.ts";
import { checkPositive, needed } from "../checks.ts";
import type { RunContext } from "../schedule.ts";
import { show } from "../show.ts";
import { type History, type InputName, inputNames, readsHorizon } from "./inputs.ts";
import { anneals, isOutput, type OutputForm, outputRule } from "./output.ts";

/** The four gates of the LSTM: i, f, g (released code: "in_transform") and o. */
export type Gate = "input" | "forget" | "candidate" | "output";

/** What stands in the place of L0 in γ: the loss itself (images) or the perplexity exp(loss) (language). */
export type RangeKind = "loss" | "perplexity";

/** Everything that must be known beside θ to run a cell; stored in the schedule's file. */
export type CellConfig = {
  /** H: LSTM units per layer, 1 to 4096. */
  hidden: number;
  /** m: units of the ReLU layer inside i2h and h2h, up to 4096; 0: no such layer, a plain LSTM. */
  middle: number;
  /** LSTM layers, 1 to 16. */
  layers: number;
  /** Order of the gates in the 4H vector. */
  gateOrder: readonly [Gate, Gate, Gate, Gate];
  /** Added inside the forget gate: f = σ(x + forgetShift). */
  forgetShift: number;
  /** What the network reads at every step, by name. */
  inputs: readonly InputName[];
  /** How the readout z becomes a rate. */
  output: OutputForm;
  /** Read by the sigmoid form alone. */
  range: RangeKind;
};

/** How θ starts: every linear layer U(±1/√fan_in), or the weights (not the biases) of i2h and h2h U(±0.1). */
export type Initialisation = "fan-in" | "uniform-0.1";

export type PresetName =
  | "language-meta-train"
  | "image-meta-train"
  | "meta-test"
  | "transfer"
  | "transfer-anytime";

/** Whether a run with this cell remembers a `History` beside the LSTM's memory: the paper's cells do not. */
export function hasHistory({ inputs, output }: CellConfig): boolean {
  return output !== "sigmoid" || inputs.some((name) => !name.startsWith("loss"));
}

/** Whether a run with this cell needs T, the horizon. */
export function needsHorizon({ inputs, output }: CellConfig): boolean {
  return readsHorizon(inputs) || anneals(output);
}

/**
 * The history before the first step.
 *
 * @param cell whose inputs and output may need T, and may give rates in units of the usual one; the paper's by default.
 * @param context read for `totalSteps` and, if it is there, `usualRate` then.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if T is missing then.
 */
export function emptyHistory(cell: CellConfig = presets["meta-test"], context: RunContext = {}): History {
  const { output } = cell;
  const { usualRate } = context;
  return {
    step: 0,
    totalSteps: needsHorizon(cell) ? needed(context, "totalSteps") : null,
    unit:
      output !== "sigmoid" && output.relative
        ? usualRate === undefined
          ? null
          : checkPositive("usualRate", usualRate)
        : 1,
    logInitialLoss: null,
    average: 1,
    fast: 0,
    slow: 0,
    long: 0,
    best: 0,
    noise: 0,
    logRate: 0,
    output: 0,
  };
}

/**
 * What a saved history must be for this cell: absent, or whole, with every field of a fresh one. That of an earlier
 * release may lack some.
 */
export function historyCheck(cell: CellConfig): (saved: History | undefined) => boolean {
  if (!hasHistory(cell)) return (saved) => saved === undefined;
  const fresh = Object.entries(emptyHistory(cell, { totalSteps: 1 }));
  return (saved) =>
    fresh.every(([name, value]) => {
      const got = saved?.[name as keyof History];
      return Number.isFinite(got) || (got === null && value === null);
    });
}

/** How losses of language models are read, whatever cell reads them: `{ ...cell, ...languageReading }`. */
export const languageReading: Pick<CellConfig, "inputs" | "range"> = {
  inputs: ["loss-over-log-classes"],
  range: "perplexity",
};

const imageReading: Pick<CellConfig, "inputs" | "range"> = { inputs: ["loss"], range: "loss" };
const metaTrain: Omit<CellConfig, "middle" | "inputs" | "range"> = {
  hidden: 50,
  layers: 1,
  gateOrder: ["input", "forget", "output", "candidate"],
  forgetShift: -1,
  output: "sigmoid",
};

/** No level of the loss and no count of steps: what holds of them on one kind of task does not on another. */
const transferReading: readonly InputName[] = [
  "trend",
  "jump",
  "long-trend",
  "excess",
  "noise",
  "log-rate",
  "last-output",
];
const integrating = {
  form: "integrating",
  step: 0.2,
  start: 4,
  floor: 1e-5,
  ceiling: 13,
  relative: true,
  settle: 25,
  power: 3,
} as const;
const transfer: Omit<CellConfig, "inputs" | "output"> = {
  hidden: 16,
  middle: 0,
  layers: 1,
  gateOrder: ["input", "forget", "candidate", "output"],
  forgetShift: 1, // a long memory from the start
  range: "loss",
};

/**
 * The three cells of the authors' code, which disagree; the released checkpoints belong to `meta-test`. And two of
 * ours, made to transfer: `transfer` knows the horizon T, `transfer-anytime` does not.
 */
export const presets: Readonly<Record<PresetName, CellConfig>> = {
  "language-meta-train": { ...metaTrain, middle: 50, ...languageReading },
  "image-meta-train": { ...metaTrain, middle: 25, ...imageReading },
  "meta-test": {
    ...metaTrain,
    middle: 25,
    gateOrder: ["input", "forget", "candidate", "output"],
    forgetShift: 0,
    ...imageReading,
  },
  transfer: {
    ...transfer,
    inputs: [...transferReading, "progress", "log-total-steps"],
    output: { ...integrating, anneal: 1 },
  },
  "transfer-anytime": { ...transfer, inputs: transferReading, output: integrating },
};

/**
 * Returns the configuration if it is complete and within its ranges.
 *
 * @param code the error's code: `UNSUPPORTED_FORMAT` where the value comes from a file.
 */
export function checkCell(value: unknown, code: ErrorCode = "INVALID_ARGUMENT"): CellConfig {
  const cell = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const expect = (right: boolean, name: string, what: string): void => {
    if (!right)
      throw new MlrSnetError(code, `Expected \`cell.${name}\` to be ${what}, got ${show(cell[name])}.`);
  };
  const expectCount = (name: string, least: number, most: number): void => {
    const value = cell[name] as number;
    const right = Number.isInteger(value) && value >= least && value <= most;
    expect(right, name, `an integer from ${least} to ${most}`);
  };
  const isListOf = (name: string, known: readonly string[]): boolean =>
    Array.isArray(cell[name]) && cell[name].every((item) => known.includes(item));

  for (const name of Object.keys(cell)) expect(name in presets["meta-test"], name, "absent");
  expectCount("hidden", 1, 4096);
  expectCount("middle", 0, 4096);
  expectCount("layers", 1, 16);
  const gates = presets["meta-test"].gateOrder;
  const order = cell.gateOrder as readonly Gate[];
  const isOrder = isListOf("gateOrder", gates) && order.length === 4 && new Set(order).size === 4;
  expect(isOrder, "gateOrder", `an order of ${gates.join(", ")}`);
  expect(Number.isFinite(cell.forgetShift), "forgetShift", "a finite number");
  const inputs = cell.inputs as readonly InputName[];
  const isInputs = isListOf("inputs", inputNames) && inputs.length >= 1 && inputs.length <= 64;
  expect(isInputs, "inputs", `a list of ${inputNames.join(", ")}`);
  expect(isOutput(cell.output), "output", outputRule);
  expect(cell.range === "loss" || cell.range === "perplexity", "range", `"loss" or "perplexity"`);
  return cell as CellConfig;
}
