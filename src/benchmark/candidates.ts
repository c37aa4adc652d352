import { createHash } from "node:crypto";
import { MlrSnetError } from "../errors.ts";
import {
  catalogue,
  MlrSnet,
  type MlrSnetOptions,
  type Schedule,
  scheduleNamed,
  unknownName,
  zooNames,
} from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/writer.ts";
import type { OptimizerOptions } from "../training/index.ts";
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
  /** With insurance around it. */
  insured?: boolean;
  create(baseRate: number | null): Schedule<unknown>;
};

/** What one name on the command line stands for; `learned` tells a file from a schedule made by hand. */
export type NamedSchedule =
  | { learned: false; name: string; create(baseRate: number): Schedule<unknown>; baseRate: number }
  | { learned: true; name: string; file: MlrSnet };

/** A path, an address or `zoo:NAME`; anything else is a name of the catalogue. */
const isFile = /[./\\:]/;

/**
 * A schedule made by hand, by its name, or a learned one, by its file.
 *
 * @param optimizer decides the usual base rate (see `referenceRate`).
 * @throws {MlrSnetError} `UNKNOWN_NAME`, `FILE_NOT_FOUND`, `FILE_CORRUPT`, ... as `MlrSnet.load`.
 */
export async function findSchedule(reference: string, optimizer: OptimizerOptions): Promise<NamedSchedule> {
  if (isFile.test(reference)) return { learned: true, name: reference, file: await loadFile(reference) };
  const names = catalogue.map((entry) => entry.name);
  const learned = [...zooNames.map((name) => `zoo:${name}`), "a schedule file"];
  if (!names.includes(reference)) throw unknownName("schedule", reference, [...names, ...learned]);
  const entry = scheduleNamed(reference);
  return {
    learned: false,
    name: reference,
    create: entry.create,
    baseRate: referenceRate(entry, optimizer),
  };
}

/** The same, ready for a comparison with `trials` base rates for each schedule made by hand. */
export async function findCandidate(
  reference: string,
  optimizer: OptimizerOptions,
  trials: number,
  options: MlrSnetOptions = {},
): Promise<Candidate> {
  const found = await findSchedule(reference, optimizer);
  if (found.learned)
    return {
      name: found.name,
      baseRates: [],
      sha256: fileHash(found.file),
      create: () => found.file.schedule(options) as Schedule<unknown>,
    };
  const { name, create, baseRate } = found;
  return { name, baseRates: rateGrid(baseRate, trials), create: (rate) => create(rate ?? baseRate) };
}

/** SHA-256 of a schedule's file, as this release writes it. */
export function fileHash({ cell, snapshots, provenance }: MlrSnet): string {
  return createHash("sha256").update(encodeSchedule({ cell, snapshots, provenance })).digest("hex");
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
