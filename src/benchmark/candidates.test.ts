import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { zooFile } from "../schedules/index.ts";
import { calibratedMultiples } from "./calibrated.ts";
import { findCandidate, findSchedule, settingsOf } from "./candidates.ts";

const momentum = { optimizer: { kind: "sgd", momentum: 0.9 } } as const;

describe("findSchedule", () => {
  it("knows the controls and the calibrated schedules by name, and suggests the nearest.", async () => {
    expect(await findSchedule("calibrated:linear", momentum)).toMatchObject({
      learned: false,
      calibrated: true,
    });
    for (const [wrong, right] of [
      ["calibrated:liner", "calibrated:linear"],
      ["control:no-netwrk", "control:no-network"],
    ] as const)
      await expect(findSchedule(wrong, momentum)).rejects.toMatchObject({
        code: "UNKNOWN_NAME",
        message: expect.stringContaining(`Did you mean \`${right}\`?`),
      });
  });

  it.skipIf(!existsSync(zooFile("zoo:default")))(
    "makes control:no-network of zoo:default, and control:paper-raw of zoo:paper (skipped where zoo/ is missing).",
    async () => {
      const none = await findSchedule("control:no-network", momentum);
      const schedule = none.learned ? none.create() : undefined;
      const context = { totalSteps: 1000, usualRate: 0.01 };
      expect(schedule!.next(schedule!.init(context), { step: 0, loss: 2.3 }).learningRate).toBe(0.08);
      const first = async (reference: string): Promise<number> => {
        const own = (await findCandidate(reference, momentum, 5)).create(null);
        const state = own.init({ ...context, classes: 10, initialLoss: 2.3 });
        return own.next(state, { step: 0, loss: 2.3 }).learningRate;
      };
      const [paper, raw] = [await first("zoo:paper"), await first("control:paper-raw")];
      expect(paper / raw).toBeCloseTo(0.1, 12);
    },
  );
});

describe("findCandidate", () => {
  it("searches no rate of a calibrated schedule: it begins where its multiple says.", async () => {
    const { baseRates, create } = await findCandidate("calibrated:onecycle", momentum, 5);
    expect(baseRates).toEqual([]);
    const schedule = create(null);
    const state = schedule.init({ totalSteps: 100 });
    const top = schedule.next(state, { step: 30, loss: 1 }).learningRate;
    expect(top).toBeCloseTo(calibratedMultiples.onecycle.momentum * 0.01, 12);
  });
});

describe("settingsOf", () => {
  it("has the multiples of a calibrated schedule and how zoo:paper is used, so that stored results of others are not taken.", () => {
    expect(JSON.parse(settingsOf("calibrated:linear")!)).toEqual(calibratedMultiples.linear);
    expect(settingsOf("zoo:paper")).toMatch(/units of the usual rate/);
    for (const other of ["zoo:default", "control:paper-raw", "cosine", "./zoo/paper.safetensors"])
      expect(settingsOf(other)).toBeUndefined();
  });
});
