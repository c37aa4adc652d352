import { MlrSnetError } from "../../errors.ts";
import { learnedSchedule } from "../../schedules/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../training/index.ts";
import { areKeptRuns } from "./kept.ts";
import type { LongHorizonState } from "./long-horizon.ts";
import { checkLongHorizonOptions, type LongHorizonOptions } from "./options.ts";
import type { KeptRuns } from "./task-estimator.ts";

/** `runtime`: name and version of the engine's, on which the bits depend. */
export type LongHorizonCheckpoint = {
  options: LongHorizonOptions;
  runtime: string;
  state: LongHorizonState;
};

const kind = "long-horizon meta-training";

type Data = Omit<LongHorizonCheckpoint, "state"> &
  Omit<LongHorizonState, "kept"> & { kept: Record<number, unknown> };

/** The bytes of a checkpoint of long-horizon meta-training. */
export function encodeLongHorizonCheckpoint({ options, runtime, state }: LongHorizonCheckpoint): Uint8Array {
  const { evolution, seconds, kept } = state;
  const data: Data = {
    options,
    runtime,
    evolution,
    seconds,
    kept: Object.fromEntries(Object.entries(kept).map(([index, { data: own }]) => [index, own])),
  };
  const arrays = Object.entries(kept).flatMap(([index, slot]) =>
    Object.entries(slot.arrays).map(([name, array]) => [`${index}/${name}`, array] as const),
  );
  return encodeCheckpoint({ kind, data, arrays: Object.fromEntries(arrays) });
}

/**
 * Reads a checkpoint of long-horizon meta-training; bytes from anyone may be given.
 *
 * @throws {MlrSnetError} as `decodeCheckpoint`.
 */
export function decodeLongHorizonCheckpoint(bytes: Uint8Array): LongHorizonCheckpoint {
  const { data, arrays } = decodeCheckpoint(bytes, kind);
  if (!isData(data)) throw notARun();
  const { options, runtime, evolution, seconds } = data;
  const kept: KeptRuns = {};
  for (const [index, own] of Object.entries(data.kept)) kept[Number(index)] = { data: own, arrays: {} };
  for (const [path, array] of Object.entries(arrays)) {
    const [index, ...name] = path.split("/");
    const slot = kept[Number(index)];
    if (!slot) throw notARun();
    slot.arrays[name.join("/")] = array;
  }
  if (!areKeptRuns(kept, options)) throw notARun();
  return { options, runtime, state: { evolution, seconds, kept } };
}

function notARun(): MlrSnetError {
  return new MlrSnetError(
    "FILE_CORRUPT",
    "Expected a run of long-horizon meta-training in the checkpoint, got something else.",
  );
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isFinite);
/** The fields of an object; none for anything else. */
const fieldsOf = (value: unknown): Record<string, unknown> => Object(value) as Record<string, unknown>;

/** The checksum says that the file is whole, not that this program wrote it. */
function isData(value: unknown): value is Data {
  const { options, runtime, evolution, seconds, kept } = fieldsOf(value);
  const { generation, theta, average, adam } = fieldsOf(evolution);
  const { updates, m, v } = fieldsOf(adam);
  return (
    typeof runtime === "string" &&
    Number.isFinite(seconds) &&
    (seconds as number) >= 0 &&
    Object(kept) === kept &&
    isCount(generation) &&
    updates === generation &&
    isNumbers(average) &&
    [theta, m, v].every((vector) => isNumbers(vector) && vector.length === average.length) &&
    (v as number[]).every((square) => square >= 0) &&
    isOptions(options, average)
  );
}

/** Whether the options are such, and θ one of their cell. */
function isOptions(options: unknown, theta: number[]): options is LongHorizonOptions {
  const cell = fieldsOf(options).cell as LongHorizonOptions["cell"];
  try {
    const thetas = [Float64Array.from(theta)];
    learnedSchedule({ cell, snapshots: { switchRule: "fractions", fractions: [0], thetas }, provenance: {} });
    checkLongHorizonOptions(options as LongHorizonOptions);
    return true;
  } catch (error) {
    if (error instanceof MlrSnetError) return false;
    throw error;
  }
}

/**
 * @throws {MlrSnetError} `STATE_MISMATCH` naming the option that differs from the run that was saved.
 */
export function checkSameOptions(saved: LongHorizonOptions, wanted: LongHorizonOptions): void {
  const keys = new Set([...Object.keys(saved), ...Object.keys(wanted)]) as Set<keyof LongHorizonOptions>;
  const textOf = (options: LongHorizonOptions, key: keyof LongHorizonOptions): string =>
    // Data may move from folder to folder.
    JSON.stringify(options[key], (name, value) => (name === "dataDirectory" ? undefined : value)) ?? "none";
  for (const key of keys) {
    const [was, is] = [textOf(saved, key), textOf(wanted, key)];
    if (was !== is)
      throw new MlrSnetError(
        "STATE_MISMATCH",
        `Expected to resume a run with ${key} ${is}, but the checkpoint has ${was}: give the same options, or another --checkpoint.`,
      );
  }
}
