import { layOut } from "../nn/index.ts";
import { type CellConfig, type Guarding, parameterCount } from "../schedules/index.ts";
import { backsOff, startGuarding } from "../schedules/writer.ts";
import { architectures, definitionOf } from "./architectures.ts";
import { historyColumns } from "./cell-graph.ts";
import type { LongHorizonOptions } from "./long-horizon-options.ts";
import { slotTask } from "./persistent-estimator.ts";
import { populationSlots, tracePopulation } from "./population-graph.ts";
import type { MetaTask } from "./task-distribution.ts";
import type { KeptRuns } from "./task-estimator.ts";

/**
 * Whether these are runs that the estimator of these options may have kept: found out where a checkpoint is read, since
 * an array of another length would show in the middle of a run, or not at all.
 */
export function areKeptRuns(kept: KeptRuns, options: LongHorizonOptions): boolean {
  const { estimator, tasks } = options;
  return Object.entries(kept).every(([index, slot]) => {
    const place = Number(index);
    const isPlace = Number.isInteger(place) && place >= 0 && place < tasks;
    return estimator === "pes" && isPlace && isSlot(place, slot, options);
  });
}

/** As `save` of `PersistentEstimator` gives it. */
function isSlot(index: number, { data, arrays }: KeptRuns[number], options: LongHorizonOptions): boolean {
  const { cell, pairs } = options;
  const { draw, drawnAt, logInitial, step, guards } = Object(data) as {
    draw: number;
    drawnAt: number;
    logInitial: number;
    step: number | null;
    guards: unknown;
  };
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  if (!(isCount(draw) && isCount(drawnAt) && Number.isFinite(logInitial))) return false;
  const names = Object.keys(arrays);
  const sums = names.filter((name) => name.startsWith("sums."));
  const size = parameterCount(cell);
  const isSum = (name: string): boolean =>
    arrays[name]?.length === size && arrays[name].every((value) => Number.isFinite(value));
  if (sums.length !== pairs || !sums.every((_, pair) => isSum(`sums.${pair}`))) return false;
  if (step === null) return names.length === pairs;
  const task = slotTask(options, index, { draw, drawnAt });
  if (!(Number.isInteger(step) && step >= 1 && step < task.steps)) return false;
  const lengths = Object.entries(populationLengths(task, cell, 2 * pairs));
  const guarded = backsOff(cell) ? 2 * pairs : 0;
  return (
    Array.isArray(guards) &&
    guards.length === guarded &&
    guards.every(isGuarding) &&
    names.length === pairs + lengths.length &&
    lengths.every(([name, length]) => arrays[name]?.length === length)
  );
}

/** Lengths of the arrays of `PopulationState`. */
function populationLengths(
  { architecture, optimizer }: MetaTask,
  cell: CellConfig,
  members: number,
): Record<string, number> {
  const definition = definitionOf(architectures[architecture]!, optimizer);
  const { parameters, statistics } = tracePopulation(
    definition,
    "train",
    members,
    definition.batchSize,
  ).scope;
  const slots = populationSlots(optimizer).flatMap(() => parameters);
  const lengths = {
    weights: layOut(parameters).size,
    optimizer: layOut(slots).size,
    statistics: layOut(statistics).size,
    "k.h": members * cell.hidden,
    "k.c": members * cell.hidden,
    "k.history": members * historyColumns.length,
  };
  if (!backsOff(cell)) return lengths;
  const kept = Object.entries(lengths).map(([name, length]) => [`kept.${name}`, length] as const);
  return { ...lengths, ...Object.fromEntries(kept) };
}

/** As a watch over losses leaves it. */
function isGuarding(saved: unknown): saved is Guarding {
  const { watch, keptAt, acts } = Object(saved) as Guarding;
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  const isAsFresh = ([name, value]: [string, unknown]): boolean => {
    const got: unknown = Object(watch)[name];
    if (typeof value === "boolean") return typeof got === "boolean";
    return Number.isFinite(got) || (name === "floor" && got === null);
  };
  return (
    (keptAt === null || isCount(keptAt)) &&
    isCount(acts) &&
    Object.entries(startGuarding().watch).every(isAsFresh)
  );
}
