import { MlrSnetError } from "../../errors.ts";
import { unknownName } from "../nearest-name.ts";
import type { Schedule } from "../schedule.ts";
import type { CellConfig } from "./config.ts";
import { type GuardedOptions, guardedSchedule, type LearnedState } from "./guarded-schedule.ts";
import { decodeSchedule, type ScheduleFile, type Snapshots } from "./schedule-file.ts";

/** The schedules that come with the package, as `zoo:NAME`; `docs/mlr-snet.md` says what each is. */
export const zooNames: readonly string[] = ["default", "anytime", "paper"];

/**
 * Where the file of `zoo:NAME` lies: beside `dist/` or `src/`, in the package's folder `zoo/`.
 *
 * @throws {MlrSnetError} `UNKNOWN_NAME` with all names and the nearest.
 */
export function zooFile(reference: string): URL {
  const names = zooNames.map((name) => `zoo:${name}`);
  if (!names.includes(reference))
    throw unknownName("schedule", reference, [...names, "the path or address of a file"]);
  // With ?no-inline Vite makes it a file of its own, instead of a part of the code; nobody else needs that.
  const file = new URL(`../../../zoo/${reference.slice(4)}.safetensors?no-inline`, import.meta.url);
  file.search = "";
  return file;
}

/**
 * A learned schedule, read from a file.
 *
 * @example
 * const learned = await MlrSnet.load("./schedule.safetensors");
 * const runner = new ScheduleRunner(learned.schedule(), { totalSteps: 2000, usualRate: 0.1 }, {
 *   snapshot: () => ({ weights: weights.slice(), optimizer: copyOf(optimizer) }),
 *   rollback: (copy) => goBackTo(copy),
 * });
 * for (const batch of batches) {
 *   const { loss, direction } = gradients(weights, batch);
 *   const { learningRate, applies } = runner.next({ loss });
 *   if (applies) apply(weights, direction, learningRate);
 * }
 */
export class MlrSnet {
  readonly cell: CellConfig;
  readonly snapshots: Snapshots;
  /** Where the schedule comes from, as the file says. */
  readonly provenance: ScheduleFile["provenance"];

  constructor({ cell, snapshots, provenance }: ScheduleFile) {
    this.cell = cell;
    this.snapshots = snapshots;
    this.provenance = provenance;
  }

  /**
   * @param source the file's bytes, its URL, its path (Node, Deno, Bun; in a browser an address relative to the page),
   * or `zoo:NAME` for one that comes with the package: see `zooNames`.
   * @throws {MlrSnetError} `UNKNOWN_NAME`, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, or as `decodeSchedule`.
   */
  static async load(source: string | URL | Uint8Array | ArrayBuffer): Promise<MlrSnet> {
    return new MlrSnet(decodeSchedule(await readBytes(source)));
  }

  /** A schedule to drive one training run, or several: it holds no state. */
  schedule(options?: GuardedOptions): Schedule<LearnedState> {
    return guardedSchedule(this, options);
  }
}

async function readBytes(source: string | URL | Uint8Array | ArrayBuffer): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const named = String(source);
  const address = /^zoo:|^[^./\\:]*$/.test(named) ? zooFile(named).href : named;
  // No import of node:fs: this file runs in browsers as it is.
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  let isMissing = false;
  try {
    if (fs && !/^(https?|data|blob):/.test(address))
      return await fs.promises.readFile(address.startsWith("file:") ? new URL(address) : address);
    const response = await fetch(address);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    isMissing = response.status === 404;
    throw new Error(`the server answered ${response.status}`);
  } catch (cause) {
    const { code, message } = cause as Error & { code?: string };
    if (isMissing || code === "ENOENT")
      throw new MlrSnetError("FILE_NOT_FOUND", `No schedule file at ${address}.`, { cause });
    throw new MlrSnetError("FILE_UNREADABLE", `Cannot read ${address}: ${message}.`, { cause });
  }
}
