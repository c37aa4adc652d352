import type { ErrorCode } from "../../errors.ts";
import { refuse } from "../checks.ts";
import { show } from "../show.ts";
import { type InputName, inputNames } from "./inputs.ts";
import { isOutput, type OutputForm, outputRule } from "./output.ts";

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

/**
 * Returns the configuration if it is complete and within its ranges.
 *
 * @param code the error's code: `UNSUPPORTED_FORMAT` where the value comes from a file.
 */
export function checkCell(value: unknown, code: ErrorCode = "INVALID_ARGUMENT"): CellConfig {
  const cell = Object(value) as Record<string, unknown>;
  const gates: readonly Gate[] = ["input", "forget", "candidate", "output"];
  const isCount = (value: unknown, least: number, most: number): boolean =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  const isListOf = (value: unknown, known: readonly unknown[]): value is unknown[] =>
    Array.isArray(value) && value.every((item) => known.includes(item));
  const { hidden, middle, layers, gateOrder, inputs, range } = cell;
  const rules: Record<keyof CellConfig, readonly [isRight: boolean, expected: string]> = {
    hidden: [isCount(hidden, 1, 4096), "an integer from 1 to 4096"],
    middle: [isCount(middle, 0, 4096), "an integer from 0 to 4096"],
    layers: [isCount(layers, 1, 16), "an integer from 1 to 16"],
    gateOrder: [
      isListOf(gateOrder, gates) && gateOrder.length === 4 && new Set(gateOrder).size === 4,
      `an order of ${gates.join(", ")}`,
    ],
    forgetShift: [Number.isFinite(cell.forgetShift), "a finite number"],
    inputs: [
      isListOf(inputs, inputNames) && isCount(inputs.length, 1, 64),
      `a list of ${inputNames.join(", ")}`,
    ],
    output: [isOutput(cell.output), outputRule],
    range: [range === "loss" || range === "perplexity", '"loss" or "perplexity"'],
  };
  const unknown = Object.keys(cell).map((name) => [name, [Object.hasOwn(rules, name), "absent"]] as const);
  for (const [name, [isRight, expected]] of [...unknown, ...Object.entries(rules)])
    if (!isRight) refuse(`\`cell.${name}\` to be ${expected}`, show(cell[name]), code);
  return cell as CellConfig;
}
