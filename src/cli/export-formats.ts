import {
  emptyMemory,
  FastCell,
  formatVersion,
  parameterLayout,
  type ScheduleFile,
} from "../schedules/index.ts";

/** The whole file as JSON; tensors flat and row-major, with their shapes, by PyTorch's names. */
export function exportJson({ cell, snapshots, provenance }: ScheduleFile): string {
  const layout = parameterLayout(cell);
  const tensorsOf = (theta: ScheduleFile["snapshots"]["thetas"][number]) =>
    Object.fromEntries(
      layout.map(({ name, shape, offset, size }) => [
        name,
        { shape, data: Array.from(theta.subarray(offset, offset + size)) },
      ]),
    );
  const { switchRule, fractions, thetas } = snapshots;
  const description = { formatVersion, cell, snapshots: { switchRule, fractions }, provenance };
  return `${JSON.stringify({ ...description, tensors: thetas.map(tensorsOf) })}\n`;
}

/** Losses of the table: 0.001 to 10 nats, ten to a decade. */
const losses = Array.from({ length: 41 }, (_, index) => Number((10 ** (index / 10 - 3)).toPrecision(4)));

/** Calls after which the memory has come to rest: the released cells need about twenty. */
const settled = 200;

/**
 * CSV with the columns snapshot, starts, loss, p: where p comes to rest under a constant loss, from zero memory.
 *
 * `starts` is where the snapshot's turn begins, as a part of the run. A cell that reads loss / ln C is given the
 * column `loss` as that quotient.
 */
export function exportTable({ cell, snapshots }: ScheduleFile): string {
  const lines = ["snapshot,starts,loss,p"];
  for (const [index, theta] of snapshots.thetas.entries()) {
    const network = new FastCell(cell, theta);
    for (const loss of losses) {
      const inputs = cell.inputs.map(() => loss);
      let { p, memory } = network.forward(inputs, emptyMemory(cell));
      for (let call = 1; call < settled; call++) ({ p, memory } = network.forward(inputs, memory));
      lines.push([index, snapshots.fractions[index], loss, p].join(","));
    }
  }
  return `${lines.join("\n")}\n`;
}
