import { restingRate } from "../benchmark/index.ts";
import { restingLosses } from "../benchmark/internal.ts";
import type { ScheduleFile } from "../schedules/index.ts";
import { formatVersion, parameterLayout } from "../schedules/internal.ts";

/** The whole file as JSON; tensors flat and row-major, with their shapes, by PyTorch's names. */
export function exportJson({ cell, snapshots, provenance }: ScheduleFile): string {
  const layout = parameterLayout(cell);
  const { switchRule, fractions, thetas } = snapshots;
  const tensors = thetas.map((theta) =>
    Object.fromEntries(
      layout.map(({ name, shape, offset, size }) => [
        name,
        { shape, data: Array.from(theta.subarray(offset, offset + size)) },
      ]),
    ),
  );
  const description = { formatVersion, cell, snapshots: { switchRule, fractions }, provenance };
  return `${JSON.stringify({ ...description, tensors })}\n`;
}

/**
 * CSV with the columns snapshot, starts, loss, p: where p comes to rest under a constant loss (`restingRate`).
 * `starts` is where the snapshot's turn begins, as a part of the run.
 */
export function exportTable(file: ScheduleFile): string {
  const rows = file.snapshots.fractions.flatMap((starts, snapshot) =>
    restingLosses.map((loss) => [snapshot, starts, loss, restingRate(file, snapshot, loss)].join(",")),
  );
  return `${["snapshot,starts,loss,p", ...rows].join("\n")}\n`;
}
