import { refuse } from "../checks.ts";
import { emptyMemory, type Memory } from "./cell.ts";
import type { CellConfig } from "./config.ts";
import { type LossStatistics, lossStatisticsCheck } from "./loss-statistics.ts";
import type { Turns } from "./turns.ts";

/** JSON-safe; resumes bit for bit. */
export type MlrSnetState = Turns & {
  /** A hash of the file and the options; absent in states of earlier releases. */
  file?: string;
  memory: Memory;
  /** p of the last step, in (0, 1), or in (-1, 1) for the integrating form; null before the first. */
  p: number | null;
  /** γ; null before the first step, and for the integrating form. */
  gamma: number | null;
  /** L0, or null: then the first loss stands in for it. */
  initialLoss: number | null;
  /** Present once a loss could not be read. */
  unread?: true;
  /** C, or null where nothing needs it. */
  classes: number | null;
  /** Index of the snapshot in force. */
  snapshot: number;
  /** What inputs and output form remember; absent for the paper's cells. */
  history?: LossStatistics;
};

/**
 * A check of a saved state, for one cell with so many snapshots.
 *
 * @param file the hash of file and options.
 * @returns a function that throws `STATE_MISMATCH` for a state of another file, cell or release.
 */
export function stateCheck(cell: CellConfig, snapshots: number, file: string): (state: MlrSnetState) => void {
  const fitsStatistics = lossStatisticsCheck(cell);
  const lengthsOf = (rows: readonly number[][] | undefined): string => `${rows?.map(({ length }) => length)}`;
  const lengths = lengthsOf(emptyMemory(cell).h);
  return ({ file: own = file, memory, starts, history }) => {
    const isOwn =
      own === file &&
      fitsStatistics(history) &&
      lengthsOf(memory?.h) === lengths &&
      lengthsOf(memory?.c) === lengths &&
      starts?.length === snapshots;
    if (!isOwn)
      refuse(
        `a state of the schedule with the hash ${file}`,
        "that of another file, other options or another release",
        "STATE_MISMATCH",
      );
  };
}
