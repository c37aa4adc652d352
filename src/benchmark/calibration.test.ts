import { beforeAll, describe, expect, it } from "vitest";
import { createSmallEngine } from "../meta/internal.ts";
import { calibratedShapes } from "./calibrated.ts";
import {
  type CalibrationOptions,
  type CalibrationResult,
  type CalibrationRow,
  type CalibrationSettings,
  calibration,
  calibrationMultiples,
  calibrationSettings,
} from "./calibration.ts";

let settings: CalibrationSettings;
beforeAll(async () => {
  settings = calibrationSettings(0, (await createSmallEngine()).version);
});

async function finish(options: CalibrationOptions): Promise<CalibrationResult> {
  const running = calibration(options);
  for (;;) {
    const { done, value } = await running.next();
    if (done) return value;
  }
}

/** Values that are least at 8 or 16 for even and odd tasks, and worse to the left; the ends alone prefer 32. */
function rowOf(index: number, optimizer: CalibrationRow["optimizer"]): CalibrationRow {
  const least = index % 2 === 0 ? 8 : 16;
  const values = calibrationMultiples.map((m) => Math.abs(Math.log(m / least)) * (m < least ? 3 : 1));
  const ends = calibrationMultiples.map((m) => Math.abs(m - 32));
  const diverged = calibrationMultiples.map((m) => m === 256);
  const shapes = Object.fromEntries(calibratedShapes.map((shape) => [shape, { values, ends, diverged }]));
  return { optimizer, index, task: "none", shapes: shapes as CalibrationRow["shapes"] };
}

describe("calibration", () => {
  it("chooses by the mean over the tasks, for each optimizer and shape, with rows that are there already.", async () => {
    const optimizers = ["sgd", "momentum", "adam"] as const;
    const rows = [0, 1].flatMap((index) => optimizers.map((optimizer) => rowOf(index, optimizer)));
    const { curves, tasks } = await finish({ tasks: 2, stored: { settings, rows } });
    expect(tasks).toBe(2);
    expect(curves.map(({ optimizer, shape }) => [optimizer, shape])).toEqual(
      optimizers.flatMap((optimizer) => calibratedShapes.map((shape) => [optimizer, shape])),
    );
    for (const { chosen, chosenByEnd, diverged, values } of curves) {
      // Too low is worse than too high.
      expect([chosen, chosenByEnd]).toEqual([16, 32]);
      expect(diverged.at(-1)).toBe(2);
      expect(values[calibrationMultiples.indexOf(16)]).toBeCloseTo(Math.log(2) / 2, 4);
    }
  });

  it("refuses no tasks at all, and stops between two rows where it is told to.", async () => {
    for (const tasks of [0, 1.5])
      await expect(finish({ tasks })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    const stopped = finish({ tasks: 1, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
