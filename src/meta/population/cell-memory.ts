import type { CellConfig, Gate, Vector } from "../../schedules/index.ts";
import { needsHorizon, parameterLayout, scalesAt } from "../../schedules/internal.ts";
import { type HistoryColumn, historyColumns, timeColumns } from "./cell-graph.ts";

const gates: readonly Gate[] = ["input", "forget", "candidate", "output"];

/** The tensors of `cellStep` that hold θ of every member, and what the members remember. */
export type CellMemory = {
  theta: Record<"t.weight" | "t.bias" | "t.readout", Float32Array>;
  state: Record<"k.h" | "k.c" | "k.history", Float32Array>;
  time: Float32Array;
  /** What each member is told of its own, [members, 2]: what multiplies its rate, and 1 where it has seen no loss yet. */
  own: Float32Array;
};

export function allocateCell({ hidden: H, inputs }: CellConfig, members: number): CellMemory {
  return {
    theta: {
      "t.weight": new Float32Array(members * (inputs.length + H) * 4 * H),
      "t.bias": new Float32Array(members * 4 * H),
      "t.readout": new Float32Array(members * (H + 1)),
    },
    state: {
      "k.h": new Float32Array(members * H),
      "k.c": new Float32Array(members * H),
      "k.history": new Float32Array(members * historyColumns.length),
    },
    time: new Float32Array(timeColumns.length),
    own: new Float32Array(2 * members),
  };
}

/** Before the first step: as `emptyLossStatistics` and `emptyMemory`. @param logRates u_{-1} of each member; default 0. */
export function clearCell({ state }: CellMemory, logRates: readonly number[] = []): void {
  state["k.h"].fill(0);
  state["k.c"].fill(0);
  state["k.history"].fill(0);
  const history = state["k.history"];
  for (let member = 0; member * historyColumns.length < history.length; member++) {
    const logRate = logRates[member] ?? 0;
    const start = { average: 1, logRate };
    for (const [name, value] of Object.entries(start))
      history[placeInHistory(member, name as HistoryColumn)] = value;
  }
}

/** Index in `k.history`. */
export function placeInHistory(member: number, column: HistoryColumn): number {
  return member * historyColumns.length + historyColumns.indexOf(column);
}

/** Writes θ of one member, flat as `parameterLayout` has it, where the graph reads it. */
export function arrangeTheta(cell: CellConfig, theta: Vector, member: number, memory: CellMemory): void {
  const { hidden: H, inputs, gateOrder, forgetShift } = cell;
  const [ih, ihBias, hh, hhBias, readout, readoutBias] = parameterLayout(cell).map(
    ({ offset }) => offset,
  ) as [number, number, number, number, number, number];
  const width = 4 * H;
  const weightAt = member * (inputs.length + H) * width;
  const { "t.weight": weight, "t.bias": bias, "t.readout": out } = memory.theta;
  for (const [place, gate] of gates.entries()) {
    const from = gateOrder.indexOf(gate) * H;
    for (let k = 0; k < H; k++) {
      const [row, column] = [from + k, place * H + k];
      for (let j = 0; j < inputs.length; j++)
        weight[weightAt + j * width + column] = theta[ih + row * inputs.length + j]!;
      for (let j = 0; j < H; j++)
        weight[weightAt + (inputs.length + j) * width + column] = theta[hh + row * H + j]!;
      const shift = gate === "forget" ? forgetShift : 0;
      bias[member * width + column] = theta[ihBias + row]! + theta[hhBias + row]! + shift;
    }
  }
  for (let k = 0; k < H; k++) out[member * (H + 1) + k] = theta[readout + k]!;
  out[member * (H + 1) + H] = theta[readoutBias]!;
}

/** What a run has that `writeTime` reads; see `PopulationRun`. */
type TimedRun = { totalSteps: number; gamma?: number; usualRate?: number; shape?: (step: number) => number };

/** What the members of a population are told of the time at a step. @param run `gamma`: γ of the sigmoid form; `usualRate`: unit of the rates of the relative one. */
export function writeTime(
  cell: CellConfig,
  memory: CellMemory,
  step: number,
  { totalSteps, gamma = 1, usualRate = 0.1, shape }: TimedRun,
): void {
  const { output } = cell;
  const known = needsHorizon(cell) ? totalSteps : null;
  const scales = output === "sigmoid" ? { gain: 0, scale: 1 } : scalesAt(output, step, known);
  if (output !== "sigmoid" && shape) scales.scale = shape(step);
  if (output !== "sigmoid" && output.relative) scales.scale *= usualRate;
  const logSteps = (steps: number): number => Math.max(-3, Math.min(3, Math.log10(steps / 1000)));
  const values: Record<(typeof timeColumns)[number], number> = {
    longShare: 5 / (step + 5),
    progress: Math.min(step / totalSteps, 1),
    logTotalSteps: logSteps(totalSteps),
    logStep: logSteps(step + 1),
    ...scales,
    gamma,
  };
  for (const [column, name] of timeColumns.entries()) memory.time[column] = values[name];
}
