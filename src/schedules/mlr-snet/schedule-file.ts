import { MlrSnetError } from "../../errors.ts";
import { refuse } from "../checks.ts";
import { show } from "../show.ts";
import { type CellConfig, checkCell } from "./config.ts";
import { checkLength, packParameters, parameterLayout, type Vector } from "./parameters.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { asRecord, corrupt, parseRecord } from "./strict-json.ts";

/** The version this release writes and the only one it reads. */
export const formatVersion = 1;

/** `epoch-thirds`: epochs i·⌊N/n⌋, as the released transfer. `fractions`: parts of the total number of steps. */
export type SwitchRule = "epoch-thirds" | "fractions";
export const switchRules: readonly SwitchRule[] = ["epoch-thirds", "fractions"];

/** Snapshots of θ that take turns. */
export type Snapshots = {
  switchRule: SwitchRule;
  /** Where each snapshot starts, as a part of the run: rising from 0, below 1. */
  fractions: readonly number[];
  /** θ of each snapshot, flat. */
  thetas: readonly Vector[];
};

/** A learned schedule, complete: what a file holds. `provenance` says where it comes from; any JSON object. */
export type ScheduleFile = {
  cell: CellConfig;
  snapshots: Snapshots;
  provenance: Readonly<Record<string, unknown>>;
};

/** n snapshots of equal share: 0, 1/n, 2/n, ... */
export function equalFractions(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index / count);
}

/**
 * The bytes of a schedule file: safetensors with float32 tensors `snapshots.<i>.<name>` and the rest as JSON.
 * θ is rounded to float32.
 *
 * @throws {MlrSnetError} for what `decodeSchedule` would refuse: `INVALID_ARGUMENT`, `SHAPE_MISMATCH`, `NOT_FINITE`.
 */
export function encodeSchedule(file: ScheduleFile): Uint8Array {
  const { switchRule, fractions, thetas } = checkSnapshots(file.snapshots, "INVALID_ARGUMENT");
  if (thetas.length !== fractions.length)
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected ${fractions.length} snapshots, got ${thetas.length}.`,
    );
  const layout = parameterLayout(checkCell(file.cell));
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [index, theta] of thetas.entries()) {
    checkLength(file.cell, theta);
    const numbers = Float32Array.from(theta);
    if (!numbers.every(Number.isFinite))
      throw new MlrSnetError("NOT_FINITE", `Expected θ of snapshot ${index} to be finite in float32.`);
    for (const { name, shape, offset, size } of layout)
      tensors.set(`snapshots.${index}.${name}`, { shape, data: numbers.subarray(offset, offset + size) });
  }
  const { cell, provenance } = file;
  const description = toJson({ formatVersion, cell, snapshots: { switchRule, fractions }, provenance });
  return encodeSafetensors({ tensors, metadata: new Map([["mlr_snet", description]]) });
}

/** The description as text, read back once: provenance is the caller's, and may be anything. */
function toJson(description: object): string {
  try {
    const text = JSON.stringify(description);
    parseDescription(new Map([["mlr_snet", text]]));
    return text;
  } catch (cause) {
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`provenance\` to be a JSON object: ${show((cause as Error).message)}`,
      { cause },
    );
  }
}

/**
 * Reads a schedule file, strictly; bytes from anyone may be given.
 *
 * @throws {MlrSnetError} `FILE_CORRUPT` for damage and NaN weights, `UNSUPPORTED_FORMAT` for something that is no
 * schedule file or a later release's, `SHAPE_MISMATCH` for missing, further or misshapen tensors; nothing else.
 */
export function decodeSchedule(bytes: Uint8Array): ScheduleFile {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { cell, snapshots, provenance } = parseDescription(metadata);
  const { length } = snapshots.fractions;
  const thetas = snapshots.fractions.map((_, index) =>
    packParameters(cell, tensors, `snapshots.${index}.`, length),
  );
  return { cell, snapshots: { ...snapshots, thetas }, provenance };
}

function parseDescription(metadata: ReadonlyMap<string, string>): ScheduleFile {
  const text = metadata.get("mlr_snet");
  if (text === undefined || metadata.size !== 1)
    refuse(
      'a schedule file with the metadata "mlr_snet" alone',
      show([...metadata.keys()]),
      "UNSUPPORTED_FORMAT",
    );
  const { formatVersion: version, cell, snapshots, provenance, ...rest } = parseRecord(text!, "description");
  if (version !== formatVersion)
    refuse(
      `a schedule file of format version ${formatVersion}`,
      `${show(version)}: use a later mlr-snet`,
      "UNSUPPORTED_FORMAT",
    );
  if (Object.keys(rest).length > 0) corrupt("no more in its description", show(Object.keys(rest)));
  return {
    cell: checkCell(cell, "UNSUPPORTED_FORMAT"),
    snapshots: { ...checkSnapshots(asRecord(snapshots, "`snapshots`"), "UNSUPPORTED_FORMAT"), thetas: [] },
    provenance: asRecord(provenance, "`provenance`"),
  };
}

function checkSnapshots<S extends Record<string, unknown> | Snapshots>(
  snapshots: S,
  code: "INVALID_ARGUMENT" | "UNSUPPORTED_FORMAT",
): S & Omit<Snapshots, "thetas"> {
  const { switchRule, fractions } = snapshots;
  if (!switchRules.includes(switchRule as SwitchRule))
    refuse(`\`switchRule\` to be one of ${switchRules.join(", ")}`, show(switchRule), code);
  const rises = (value: unknown, index: number, all: readonly unknown[]): boolean =>
    typeof value === "number" &&
    value < 1 &&
    (index === 0 ? value === 0 : value > (all[index - 1] as number));
  if (!(Array.isArray(fractions) && fractions.length >= 1 && fractions.every(rises)))
    refuse("`fractions` to rise from 0 and stay below 1", show(fractions), code);
  return snapshots as S & Omit<Snapshots, "thetas">;
}
