import { MlrSnetError } from "../../errors.ts";
import {
  abs,
  add,
  clip,
  concat,
  constant,
  exp,
  input,
  log,
  matMul,
  maximum,
  multiply,
  negate,
  reshapeTo,
  sigmoid,
  split,
  subtract,
  tanh,
  type Value,
} from "../../graph/index.ts";
import type { CellConfig, InputName } from "../../schedules/index.ts";

/**
 * What the cell remembers of a run beside h and c, one column each of the graph's tensor `k.history`; the names are
 * those of `LossStatistics`, whose step and T the graph is told in `k.time`.
 */
export const historyColumns = [
  "logInitialLoss",
  "average",
  "fast",
  "slow",
  "long",
  "best",
  "noise",
  "logRate",
  "output",
] as const;

/** What is the same for all members at a step, the elements of the graph's tensor `k.time`. */
export const timeColumns = [
  "longShare",
  "progress",
  "logTotalSteps",
  "logStep",
  "gain",
  "scale",
  "gamma",
] as const;

export type HistoryColumn = (typeof historyColumns)[number];
export type TimeColumn = (typeof timeColumns)[number];

/** The cells that have a form in the graph. @throws {MlrSnetError} `INVALID_ARGUMENT` */
export function checkGraphCell(cell: CellConfig): CellConfig {
  const unknown = cell.inputs.find((name) => !(name in readers));
  if (cell.layers !== 1 || cell.middle !== 0 || unknown !== undefined)
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected a cell of one plain LSTM layer that reads losses, got ${cell.layers} layers with ${cell.middle} middle units${unknown ? ` reading ${unknown}` : ""}.`,
    );
  return cell;
}

type Reading = {
  loss: Value;
  logLoss: Value;
  before: Record<HistoryColumn, Value>;
  after: Record<Exclude<HistoryColumn, "logRate" | "output">, Value>;
  time: Record<TimeColumn, Value>;
};

/** As `readers` of src/schedules/mlr-snet/inputs.ts. */
const readers: Partial<Record<InputName, (reading: Reading) => Value>> = {
  loss: ({ loss }) => loss,
  "log-loss": ({ logLoss }) => logLoss,
  "average-loss": ({ after }) => log(after.average),
  trend: ({ after }) => clip(subtract(after.fast, after.slow), -3, 3),
  jump: ({ logLoss, before }) => clip(subtract(logLoss, log(before.average)), -3, 3),
  "long-trend": ({ after }) => clip(multiply(subtract(after.fast, after.long), 4), -3, 3),
  excess: ({ after }) => clip(multiply(subtract(after.fast, after.best), 4), -3, 3),
  noise: ({ after }) => add(multiply(log(add(clip(after.noise, 0, 20), 1e-3)), 1 / 3), 1),
  progress: ({ time }) => time.progress,
  "log-total-steps": ({ time }) => time.logTotalSteps,
  "log-step": ({ time }) => time.logStep,
  headroom: () => constant([3], [1, 1]),
  "log-rate": ({ before }) => multiply(clip(before.logRate, -20, 20), 1 / 4),
  "last-output": ({ before }) => before.output,
};

/** One step of the cell for all members: their rates, and what they remember after it. */
export type CellStep = {
  /** α_t, [members, 1]. */
  rates: Value;
  /** `k.h`, `k.c` [members, 1, H] and `k.history` [members, columns] after the step. */
  next: Record<"k.h" | "k.c" | "k.history", Value>;
};

/**
 * The schedule's cell in the graph, in float32: each member of a population has its own θ and its own memory.
 *
 * The graph's inputs are `t.weight` [members, inputs + H, 4H], `t.bias` [members, 1, 4H], `t.readout` [members, H + 1, 1],
 * gates in the order input, forget, candidate, output (see `arrangeTheta`), `k.h`, `k.c` [members, 1, H], `k.history`
 * [members, columns], `k.time` [columns] and `k.own` [members, 2], see `CellMemory`.
 *
 * @param losses L_t of each member, [members].
 * @see `learnedSchedule`, which computes the same in float64 for one run; the test holds the two together.
 */
export function cellStep(cell: CellConfig, losses: Value): CellStep {
  const members = losses.shape[0]!;
  const { hidden: H, inputs: names } = checkGraphCell(cell);
  const loss = reshapeTo(losses, [members, 1]);
  const columns = split(
    input("k.history", [members, historyColumns.length]),
    historyColumns.map(() => 1),
    1,
  );
  const before = named(historyColumns, columns);
  const time = named(
    timeColumns,
    split(
      input("k.time", [1, timeColumns.length]),
      timeColumns.map(() => 1),
      1,
    ),
  );
  const logOf = log(maximum(loss, constant([1e-30], [1])));
  const [factor, isFirst] = split(input("k.own", [members, 2]), [1, 1], 1) as [Value, Value];
  // L_0 is the first loss: before it the column holds 0.
  const logInitialLoss = add(before.logInitialLoss, multiply(logOf, isFirst));
  const logLoss = clip(subtract(logOf, logInitialLoss), -12, 6);
  const average = smoothed(before.average, exp(logLoss), 0.1);
  const fast = smoothed(before.fast, logLoss, 0.1);
  const slow = smoothed(before.slow, logLoss, 0.01);
  const long = add(before.long, multiply(subtract(fast, before.long), time.longShare));
  const best = negate(maximum(negate(before.best), negate(fast)));
  const noise = smoothed(before.noise, abs(subtract(logLoss, before.fast)), 0.1);
  const after = { logInitialLoss, average, fast, slow, long, best, noise };

  const reading = { loss, logLoss, before, after, time };
  const features = names.map((name) => {
    const value = readers[name]!(reading);
    return value.shape[0] === members
      ? value
      : multiply(value, constant(new Float32Array(members).fill(1), [members, 1]));
  });
  const x = reshapeTo(concat(features, 1), [members, 1, names.length]);
  const weight = input("t.weight", [members, names.length + H, 4 * H]);
  const gates = add(
    matMul(concat([x, input("k.h", [members, 1, H])], 2), weight),
    input("t.bias", [members, 1, 4 * H]),
  );
  const [a, g, o] = split(gates, [2 * H, H, H], 2) as [Value, Value, Value];
  const [i, f] = split(sigmoid(a), [H, H], 2) as [Value, Value];
  const c = add(multiply(f, input("k.c", [members, 1, H])), multiply(i, tanh(g)));
  const h = multiply(sigmoid(o), tanh(c));
  const one = constant(new Float32Array(members).fill(1), [members, 1, 1]);
  const z = reshapeTo(matMul(concat([h, one], 2), input("t.readout", [members, H + 1, 1])), [members, 1]);

  const { output, logRate, rates: free } = rate(cell, z, before.logRate, time);
  const rates = multiply(free, factor);
  const history = { ...after, logRate, output };
  return {
    rates,
    next: {
      "k.h": h,
      "k.c": c,
      "k.history": concat(
        historyColumns.map((name) => history[name]),
        1,
      ),
    },
  };
}

function rate(
  { output }: CellConfig,
  z: Value,
  logRateBefore: Value,
  time: Record<TimeColumn, Value>,
): { output: Value; logRate: Value; rates: Value } {
  if (output === "sigmoid") {
    const p = sigmoid(z);
    return { output: p, logRate: log(maximum(p, constant([1e-30], [1]))), rates: multiply(p, time.gamma) };
  }
  const { start, floor, ceiling } = output;
  const p = tanh(z);
  const turn = output.power === undefined ? p : multiply(p, multiply(p, p));
  const free = add(logRateBefore, multiply(turn, time.gain));
  const logRate = clip(free, Math.log(floor / start), Math.log(ceiling / start));
  return { output: p, logRate, rates: multiply(exp(logRate), multiply(time.scale, start)) };
}

function smoothed(before: Value, now: Value, share: number): Value {
  return add(multiply(before, 1 - share), multiply(now, share));
}

function named<K extends string>(names: readonly K[], values: readonly Value[]): Record<K, Value> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]!])) as Record<K, Value>;
}
