import { MlrSnetError } from "../errors.ts";
import { sha256 } from "../files/internal.ts";
import {
  catalogue,
  MlrSnet,
  type MlrSnetOptions,
  type Schedule,
  scheduleNamed,
  zooNames,
} from "../schedules/index.ts";
import { encodeSchedule, unknownName } from "../schedules/internal.ts";
import { calibrated, calibratedMultiples, calibratedNames, calibratedShapeOf } from "./calibrated.ts";
import { controls } from "./controls.ts";
import { learnedOn, paperUse, type TaskKind } from "./paper-use.ts";
import { rateGrid, referenceRate } from "./rate-grid.ts";

/** A schedule that takes part in a comparison. */
export type Candidate = {
  name: string;
  /** Base rates to choose from; none for a schedule that is used as it is. */
  baseRates: readonly number[];
  /** Runs that went into it before the comparison, to be shown with those of its search. */
  spent?: number;
  /** Of a learned schedule's file, as this release writes it. */
  sha256?: string;
  /** With the divergence guard around it. */
  guarded?: boolean;
  /** See `settingsOf`. */
  settings?: string;
  create(baseRate: number | null): Schedule<unknown>;
};

/** What one name on the command line stands for; `learned` tells a file from a schedule made by hand. */
export type NamedSchedule = { name: string } & (
  | {
      learned: false;
      create(baseRate: number): Schedule<unknown>;
      baseRate: number;
      /** The base rate is a fitted one, not to be searched. */
      calibrated?: true;
    }
  | { learned: true; file: MlrSnet; create(options?: MlrSnetOptions): Schedule<unknown> }
);

/** A path, an address or `zoo:NAME`; anything else is a name of the catalogue. */
const isFile = /[./\\:]/;

/**
 * A schedule made by hand, by its name, or a learned one, by its file.
 *
 * @param task decides the usual base rate (see `referenceRate`), the fitted one of `calibrated:NAME`, and how `zoo:paper` is
 * used (see `learnedOn`).
 * @throws {MlrSnetError} `UNKNOWN_NAME`, `FILE_NOT_FOUND`, `FILE_CORRUPT`, ... as `MlrSnet.load`.
 */
export async function findSchedule(reference: string, task: TaskKind): Promise<NamedSchedule> {
  const { optimizer } = task;
  const shape = calibratedShapeOf(reference);
  if (shape !== undefined) {
    const { create, baseRate } = calibrated(shape, optimizer);
    return { learned: false, name: reference, create, baseRate, calibrated: true };
  }
  const control = Object.hasOwn(controls, reference) ? controls[reference] : undefined;
  if (control || (isFile.test(reference) && !/^(control|calibrated):/.test(reference))) {
    const file = control ? await control() : await loadFile(reference);
    const create = (options?: MlrSnetOptions): Schedule<unknown> => learnedOn(reference, file, task, options);
    return { learned: true, name: reference, file, create };
  }
  const names = [...catalogue.map((entry) => entry.name), ...calibratedNames, ...Object.keys(controls)];
  const learned = [...zooNames.map((name) => `zoo:${name}`), "a schedule file"];
  if (!catalogue.some(({ name }) => name === reference))
    throw unknownName("schedule", reference, [...names, ...learned]);
  const entry = scheduleNamed(reference);
  return {
    learned: false,
    name: reference,
    create: entry.create,
    baseRate: referenceRate(entry, optimizer),
  };
}

/** What decides a schedule's rates beside its name and file, for the key of its results; undefined: nothing does. */
export function settingsOf(reference: string): string | undefined {
  const shape = calibratedShapeOf(reference);
  return shape === undefined ? paperUse(reference) : JSON.stringify(calibratedMultiples[shape]);
}

/** A schedule by its name or file, ready for a comparison with `trials` base rates for each schedule made by hand. */
export async function findCandidate(
  reference: string,
  task: TaskKind,
  trials: number,
  options: MlrSnetOptions = {},
): Promise<Candidate> {
  const found = await findSchedule(reference, task);
  const settings = settingsOf(reference);
  const common = { name: found.name, ...(settings !== undefined && { settings }) };
  if (found.learned)
    return { ...common, baseRates: [], sha256: fileHash(found.file), create: () => found.create(options) };
  const { create, baseRate } = found;
  const baseRates = found.calibrated ? [] : rateGrid(baseRate, trials);
  return { ...common, baseRates, create: (rate) => create(rate ?? baseRate) };
}

/** SHA-256 of a schedule's file, as this release writes it. */
export function fileHash({
  cell,
  snapshots,
  provenance,
}: Pick<MlrSnet, "cell" | "snapshots" | "provenance">): string {
  return sha256(encodeSchedule({ cell, snapshots, provenance }));
}

/** One of several files: where it is damaged, the error says which. */
async function loadFile(path: string): Promise<MlrSnet> {
  try {
    return await MlrSnet.load(path);
  } catch (error) {
    if (!(error instanceof MlrSnetError) || error.message.includes(path)) throw error;
    throw new MlrSnetError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
