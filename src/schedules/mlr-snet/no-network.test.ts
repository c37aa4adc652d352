import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ScheduleRunner } from "../runner.ts";
import { MlrSnet, zooFile } from "./mlr-snet.ts";
import { withoutNetwork } from "./no-network.ts";
import { presets } from "./presets.ts";
import { decodeSchedule, encodeSchedule } from "./schedule-file.ts";

const file = {
  cell: presets.transfer,
  snapshots: { switchRule: "fractions", fractions: [0], thetas: [new Float64Array(1)] },
  provenance: { name: "zoo:default" },
} as const;

describe("withoutNetwork", () => {
  it("starts at eight times the usual rate and falls by its form, whatever the losses are.", () => {
    const bytes = encodeSchedule(withoutNetwork(file));
    const runner = new ScheduleRunner(new MlrSnet(decodeSchedule(bytes)).schedule(), {
      totalSteps: 1000,
      usualRate: 0.01,
    });
    const rates = [2.3, 1.9, 2.5, 0.7].map((loss) => runner.next({ loss }).learningRate);
    for (const [step, rate] of rates.entries()) expect(rate).toBeCloseTo(0.08 * (1 - step / 1000), 12);
  });

  it("keeps the cell but for its start, and says what it was.", () => {
    const { cell, provenance } = withoutNetwork(file, 5);
    expect(cell).toEqual({ ...file.cell, output: { ...(file.cell.output as object), start: 5 } });
    expect(provenance).toMatchObject({
      name: "control:no-network",
      title: expect.stringContaining("the cell of zoo:default with a θ of zeros and start 5"),
    });
  });

  it("refuses the sigmoid form, and a start outside its cell's range.", () => {
    const sigmoid = { ...file, cell: presets["meta-test"] };
    expect(() => withoutNetwork(sigmoid)).toThrow(/integrating form, got one of the sigmoid form/);
    expect(() => withoutNetwork(file, 14)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it.skipIf(!existsSync(zooFile("zoo:default")))(
    "skips steps and goes back to a copy as the shipped schedule does (skipped where zoo/ is missing).",
    async () => {
      const shipped = await MlrSnet.load("zoo:default");
      const context = { totalSteps: 400, usualRate: 0.1 };
      const lost = Number.POSITIVE_INFINITY;
      const run = (schedule: ReturnType<MlrSnet["schedule"]>) => {
        const ways = { snapshot: () => null, rollback: () => {} };
        const runner = new ScheduleRunner(schedule, context, ways);
        return [2.3, 2.2, lost, 2.1, lost, lost, lost, 2.1].map((loss) => {
          const { action, events = [] } = runner.next({ loss });
          return [action, ...events.map(({ message }) => message)];
        });
      };
      const acts = run(shipped.schedule());
      const kinds = acts.map(([action]) => action);
      const three = ["skip", "skip", "rollback"];
      expect(kinds).toEqual(["snapshot", undefined, "skip", undefined, ...three, undefined]);
      expect(acts[6]![1]).toContain("rate times 0.500, weights back to those before step 0");
      expect(run(new MlrSnet(withoutNetwork(shipped)).schedule())).toEqual(acts);
    },
  );
});
