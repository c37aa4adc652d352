import type { CellConfig } from "./config.ts";
import type { InputName } from "./inputs.ts";

/** How θ starts: every linear layer U(±1/√fan_in), or the weights (not the biases) of i2h and h2h U(±0.1). */
export type Initialisation = "fan-in" | "uniform-0.1";

export type PresetName =
  | "language-meta-train"
  | "image-meta-train"
  | "meta-test"
  | "transfer"
  | "transfer-anytime";

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
