import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { ScheduleRunner } from "../runner.ts";
import { presets } from "./config.ts";
import { initialiseParameters } from "./initialise.ts";
import { MlrSnet } from "./mlr-snet.ts";
import { encodeSchedule } from "./schedule-file.ts";

const cell = { ...presets["meta-test"], hidden: 4, middle: 3 };
const thetas = [initialiseParameters(cell, 1).map(Math.fround)];
const bytes = encodeSchedule({
  cell,
  snapshots: { switchRule: "fractions", fractions: [0], thetas },
  provenance: { task: "mnist1d/mlp" },
});
const folder = mkdtempSync(join(tmpdir(), "mlr-snet-"));
const path = join(folder, "schedule.safetensors");
writeFileSync(path, bytes);
afterAll(() => rmSync(folder, { recursive: true }));

describe("MlrSnet.load", () => {
  it("loads the same schedule from bytes, a path, a file URL and an address", async () => {
    const address = `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`;
    const buffer = bytes.slice().buffer;
    for (const source of [bytes, buffer, path, pathToFileURL(path), pathToFileURL(path).href, address]) {
      const learned = await MlrSnet.load(source);
      expect(learned.cell).toEqual(cell);
      expect(learned.snapshots.thetas).toEqual(thetas);
      expect(learned.provenance).toEqual({ task: "mnist1d/mlp" });
    }
  });

  it("says that no schedules are shipped when it is given a name", async () => {
    for (const name of ["zoo:images", "images"])
      await expect(MlrSnet.load(name)).rejects.toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
  });

  it("tells a missing file from one that cannot be read", async () => {
    await expect(MlrSnet.load(join(folder, "none"))).rejects.toThrow(`No schedule file at ${folder}/none.`);
    await expect(MlrSnet.load(folder)).rejects.toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
    await expect(MlrSnet.load("data:nonsense")).rejects.toThrow("Cannot download data:nonsense:");
  });
});

describe("MlrSnet", () => {
  it("drives a training loop through a ScheduleRunner, which resumes from JSON bit for bit", async () => {
    const learned = await MlrSnet.load(path);
    const runner = new ScheduleRunner(learned.schedule(), { classes: 10, initialLoss: 2.3 });
    const rates = [2.3, 2.1, 1.9].map((loss) => runner.next({ loss }).learningRate);
    expect(rates.every((rate) => rate > 0 && rate < 0.67)).toBe(true);
    const resumed = ScheduleRunner.fromJSON(learned.schedule(), JSON.parse(JSON.stringify(runner)));
    expect(resumed.next({ loss: 1.5 })).toEqual(runner.next({ loss: 1.5 }));
  });
});
