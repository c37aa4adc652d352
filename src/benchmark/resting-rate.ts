import { MlrSnetError } from "../errors.ts";
import { emptyMemory, type ScheduleFile } from "../schedules/index.ts";
import { FastCell } from "../schedules/internal.ts";

/** Calls after which the memory has come to rest: the released cells need about twenty. */
const settled = 200;

/** 0.001 to 10 nats, ten to a decade. */
export const restingLosses: readonly number[] = Array.from({ length: 41 }, (_, index) =>
  Number((10 ** (index / 10 - 3)).toPrecision(4)),
);

/**
 * Where p comes to rest under a constant loss, from zero memory: how a snapshot answers a loss.
 *
 * @param snapshot its index in the file.
 * @param loss nats per example; for a cell that reads loss / ln C, that quotient.
 * @returns p in (0, 1); learning rate = γ p.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for a schedule whose rate does not come to rest: one that integrates, or
 * reads more than the loss.
 */
export function restingRate({ cell, snapshots }: ScheduleFile, snapshot: number, loss: number): number {
  if (cell.output !== "sigmoid" || cell.inputs.some((name) => !name.startsWith("loss")))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected a schedule that sets its rate from the loss alone, got one that reads ${cell.inputs.join(", ")}.`,
    );
  const network = new FastCell(cell, snapshots.thetas[snapshot]!);
  const inputs = cell.inputs.map(() => loss);
  let { p, memory } = network.forward(inputs, emptyMemory(cell));
  for (let call = 1; call < settled; call++) ({ p, memory } = network.forward(inputs, memory));
  return p;
}
