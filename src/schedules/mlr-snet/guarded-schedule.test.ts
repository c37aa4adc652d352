import { describe, expect, it } from "vitest";
import { resumeRunner } from "../resume-runner.ts";
import { ScheduleRunner } from "../runner.ts";
import type { CellConfig } from "./config.ts";
import { guardedSchedule, learnedLimits } from "./guarded-schedule.ts";
import { initialiseParameters } from "./initialise.ts";
import { learnedSchedule } from "./learned-schedule.ts";
import type { IntegratingOutput } from "./output.ts";
import { presets } from "./presets.ts";
import { decodeSchedule, encodeSchedule, type ScheduleFile } from "./schedule-file.ts";

const context = { totalSteps: 40, usualRate: 0.1 };
const losses = Array.from({ length: 12 }, (_, step) => 2.3 - step / 10);

/** The same θ with what a file of an earlier release says of the guard, over a trip through bytes. */
function fileOf(backOff?: number, cell: CellConfig = presets.transfer): ScheduleFile {
  const output = { ...(cell.output as IntegratingOutput), ...(backOff !== undefined && { backOff }) };
  const thetas = [initialiseParameters(cell, 3).map(Math.fround)];
  const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas };
  return decodeSchedule(encodeSchedule({ cell: { ...cell, output }, snapshots, provenance: {} }));
}

function runnerOf(file: ScheduleFile, options: Parameters<typeof guardedSchedule>[1] = {}) {
  const ways = { snapshot: () => null, rollback: () => {} };
  return new ScheduleRunner(guardedSchedule(file, options), context, ways);
}

/** What an act multiplies the rate by, as the event says it. */
function cutOf(file: ScheduleFile, options: Parameters<typeof guardedSchedule>[1] = {}): number {
  const runner = runnerOf(file, options);
  const lost = Number.NaN;
  const decisions = [2.3, 2.2, lost, lost, lost].map((loss) => runner.next({ loss }));
  const kinds = decisions.map(({ action }) => action);
  expect(kinds).toEqual(["snapshot", undefined, "skip", "skip", "rollback"]);
  const plain = learnedSchedule(file);
  // Where it went back to is before the first loss; the time went on.
  const { learningRate } = plain.next(plain.init(context), { step: 5, loss: 2.3 });
  const cut = runner.next({ loss: 2.3 }).learningRate / learningRate;
  const [, said] = /rate times ([\d.]+),/.exec(decisions[4]!.events![0]!.message)!;
  expect(Number(said)).toBeCloseTo(cut, 3);
  return cut;
}

describe("guardedSchedule", () => {
  it("cuts to a half, to what a file of an earlier release calls `backOff`, or to what it is told.", () => {
    expect(cutOf(fileOf())).toBeCloseTo(1 / 2, 12);
    expect(cutOf(fileOf(0.3))).toBeCloseTo(0.3, 12);
    expect(cutOf(fileOf(0.3), { divergenceGuard: { cut: 0.2 } })).toBeCloseTo(0.2, 12);
    expect(cutOf(fileOf(0.3), { divergenceGuard: { probation: 4 } })).toBeCloseTo(0.3, 12);
  });

  it("leaves the rates of a quiet run what they are without a guard, whatever the file says of one.", () => {
    const plain = new ScheduleRunner(learnedSchedule(fileOf()), context);
    const rates = losses.map((loss) => plain.next({ loss }).learningRate);
    for (const file of [fileOf(), fileOf(0.5), fileOf(0.3)]) {
      const runner = runnerOf(file);
      expect(losses.map((loss) => runner.next({ loss }).learningRate)).toEqual(rates);
    }
  });

  it("keeps what a file of an earlier release says where it is written again.", () => {
    expect((fileOf(0.3).cell.output as IntegratingOutput).backOff).toBe(0.3);
    expect(fileOf().cell.output).not.toHaveProperty("backOff");
  });

  it("is none for the paper's form, unless it is asked for, and none where it is declined.", () => {
    const sigmoid: CellConfig = { ...presets["meta-test"], hidden: 4, middle: 3 };
    const thetas = [initialiseParameters(sigmoid, 1)];
    const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas };
    const paper = { cell: sigmoid, snapshots, provenance: {} };
    expect(guardedSchedule(paper).kind).toBe("mlr-snet");
    expect(guardedSchedule(paper, { divergenceGuard: {} }).kind).toBe("divergenceGuard(mlr-snet)");
    expect(guardedSchedule(fileOf()).kind).toBe("divergenceGuard(mlr-snet)");
    expect(guardedSchedule(fileOf(0.5), { divergenceGuard: false }).kind).toBe("mlr-snet");
    expect(learnedLimits({ output: "sigmoid" })).toEqual({ cut: 1 / 2 });
  });

  it("refuses the state of one with other limits.", () => {
    const saved = JSON.parse(JSON.stringify(runnerOf(fileOf(0.3))));
    const ways = { snapshot: () => null, rollback: () => {} };
    expect(() => resumeRunner(guardedSchedule(fileOf(0.3)), saved, ways)).not.toThrow();
    expect(() => resumeRunner(guardedSchedule(fileOf(0.4)), saved, ways)).toThrow(
      expect.objectContaining({ code: "STATE_MISMATCH" }),
    );
  });
});
