import type { CellConfig, IntegratingOutput } from "../src/schedules/index.ts";

/** The same cell of the integrating form, for schedules that never go back to kept weights. */
export function withoutBackOff(cell: CellConfig): CellConfig {
  const { backOff: _, ...output } = cell.output as IntegratingOutput;
  return { ...cell, output };
}
