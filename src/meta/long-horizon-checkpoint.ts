import { MlrSnetError } from "../errors.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../training/index.ts";
import type { LongHorizonState } from "./long-horizon.ts";
import type { LongHorizonOptions } from "./long-horizon-options.ts";
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

/** @throws {MlrSnetError} as `decodeCheckpoint`. */
export function decodeLongHorizonCheckpoint(bytes: Uint8Array): LongHorizonCheckpoint {
  const { data, arrays } = decodeCheckpoint(bytes, kind);
  if (!isData(data))
    throw new MlrSnetError(
      "FILE_CORRUPT",
      "Expected a run of long-horizon meta-training in the checkpoint, got something else.",
    );
  const { options, runtime, evolution, seconds, kept } = data;
  const slots: KeptRuns = {};
  for (const [index, own] of Object.entries(kept)) slots[Number(index)] = { data: own, arrays: {} };
  for (const [path, array] of Object.entries(arrays)) {
    const [index = "", name = ""] = path.split("/");
    const slot = slots[Number(index)];
    if (slot) slot.arrays[name] = array;
  }
  return { options, runtime, state: { evolution, seconds, kept: slots } };
}

/** The checksum says that the file is whole, not that this program wrote it. */
function isData(value: unknown): value is Data {
  const fieldsOf = (part: unknown): Record<string, unknown> => Object(part) as Record<string, unknown>;
  const isNumbers = (part: unknown): part is number[] =>
    Array.isArray(part) && part.every((item) => typeof item === "number");
  const { options, runtime, evolution, seconds, kept } = fieldsOf(value);
  const { generation, theta, average, adam } = fieldsOf(evolution);
  const { updates, m, v } = fieldsOf(adam);
  const vectors = [theta, average, m, v];
  return (
    Object.keys(fieldsOf(options)).length > 0 &&
    typeof runtime === "string" &&
    typeof seconds === "number" &&
    Object(kept) === kept &&
    [generation, updates].every((count) => Number.isSafeInteger(count) && (count as number) >= 0) &&
    vectors.every((vector) => isNumbers(vector) && vector.length === (theta as number[]).length)
  );
}

/**
 * @throws {MlrSnetError} `STATE_MISMATCH` naming the option that differs from the run that was saved.
 */
export function checkSameOptions(saved: LongHorizonOptions, wanted: LongHorizonOptions): void {
  const keys = new Set([...Object.keys(saved), ...Object.keys(wanted)]) as Set<keyof LongHorizonOptions>;
  for (const key of keys) {
    const [was, is] = [JSON.stringify(saved[key]), JSON.stringify(wanted[key])];
    if (was !== is)
      throw new MlrSnetError(
        "STATE_MISMATCH",
        `Expected to resume a run with ${key} ${is}, but the checkpoint has ${was}: give the same options, or another --checkpoint.`,
      );
  }
}
