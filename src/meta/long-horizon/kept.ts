import { layOut } from "../../nn/index.ts";
import { type CellConfig, parameterCount } from "../../schedules/index.ts";
import { startGuard } from "../../schedules/internal.ts";
import { slotsOf } from "../../training/internal.ts";
import { historyColumns } from "../population/cell-graph.ts";
import { isGuarded, type MemberCount, type MemberGuard } from "../population/guard.ts";
import { tracePopulation } from "../population/trace.ts";
import { architectures, definitionOf } from "../tasks/architectures.ts";
import type { MetaTask } from "../tasks/task-distribution.ts";
import type { LongHorizonOptions } from "./options.ts";
import { slotTask } from "./persistent-estimator.ts";
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
  const { draw, drawnAt, logInitial, step, counts, guards } = Object(data) as {
    draw: number;
    drawnAt: number;
    logInitial: number;
    step: number | null;
    counts: unknown;
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
  const guarded = isGuarded(cell) ? 2 * pairs : 0;
  return (
    Array.isArray(counts) &&
    counts.length === 2 * pairs &&
    counts.every(isMemberCount) &&
    Array.isArray(guards) &&
    guards.length === guarded &&
    guards.every(isMemberGuard) &&
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
  const { parameters, statistics } = tracePopulation(definition, "train", members, definition.batchSize);
  const slots = slotsOf(definition.optimizer).flatMap(() => parameters);
  const lengths = {
    weights: layOut(parameters).size,
    optimizer: layOut(slots).size,
    statistics: layOut(statistics).size,
    "k.h": members * cell.hidden,
    "k.c": members * cell.hidden,
    "k.history": members * historyColumns.length,
  };
  if (!isGuarded(cell)) return lengths;
  const copies = ["newest", "older"].flatMap((copy) =>
    Object.entries(lengths).map(([name, length]) => [`${copy}.${name}`, length] as const),
  );
  return { ...lengths, ...Object.fromEntries(copies) };
}

function isMemberCount(saved: unknown): saved is MemberCount {
  const { updates, isFresh } = Object(saved) as MemberCount;
  return Number.isSafeInteger(updates) && updates >= 0 && typeof isFresh === "boolean";
}

/** As a guard leaves it. */
function isMemberGuard(saved: unknown): saved is MemberGuard {
  const { guard, newest, older } = Object(saved) as MemberGuard;
  const isCopied = (count: unknown, copy: unknown): boolean =>
    count === null
      ? copy === null
      : isMemberCount(count) && isLike(copy, { step: 0, losses: {}, used: true });
  const {
    newest: at,
    older: before,
    probation,
    struck,
    asked,
    ...numbers
  } = Object(guard) as MemberGuard["guard"];
  const { newest: _n, older: _o, probation: _p, struck: _s, asked: _a, ...fresh } = startGuard();
  return (
    isLike(numbers, fresh) &&
    isLike(numbers.losses, fresh.losses) &&
    (struck === null || isLike(struck, { count: 0, sum: 0, squares: 0, largest: 0 })) &&
    (asked === null || isLike(asked, { count: 0, sum: 0 })) &&
    (probation === null || isLike(probation, { factor: 0, sum: 0, count: 0 })) &&
    isCopied(newest, at) &&
    isCopied(older, before)
  );
}

/** Whether all fields of a form are there, finite numbers where it has numbers. */
function isLike(saved: unknown, form: object): boolean {
  return Object.entries(form).every(([name, value]) => {
    const got: unknown = Object(saved)[name];
    return typeof value === "number" ? Number.isFinite(got) : typeof got === typeof value;
  });
}
