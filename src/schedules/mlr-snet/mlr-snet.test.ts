import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { resumeRunner } from "../resume-runner.ts";
import { ScheduleRunner } from "../runner.ts";
import { initialiseParameters } from "./initialise.ts";
import { MlrSnet, zooFile, zooNames } from "./mlr-snet.ts";
import { presets } from "./presets.ts";
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

  const zoo = fileURLToPath(new URL("../../../zoo/", import.meta.url));
  it.skipIf(!existsSync(`${zoo}default.safetensors`)).each(zooNames)(
    "loads zoo:%s, which comes with the package (skipped where zoo/ is missing)",
    async (name) => {
      const learned = await MlrSnet.load(`zoo:${name}`);
      expect(learned.cell).toEqual((await MlrSnet.load(join(zoo, `${name}.safetensors`))).cell);
      expect(Object.keys(learned.provenance)).not.toEqual([]);
      const context = { classes: 10, initialLoss: 2.3, totalSteps: 60, epochs: 6, stepsPerEpoch: 10 };
      const runner = new ScheduleRunner(learned.schedule(), context);
      for (let step = 0; step < 60; step++)
        expect(runner.next({ loss: 2.3 / (1 + step), trainingSetLoss: 1 }).learningRate).toBeGreaterThan(0);
    },
  );

  it("lists the names of the package's schedules for another name, and suggests the nearest", async () => {
    const known =
      "Expected the schedule to be one of zoo:default, zoo:anytime, zoo:paper, the path or address of a file";
    const suggestions: [name: string, suggestion: string][] = [
      ["zoo:defualt", " Did you mean `zoo:default`?"],
      ["zoo:Paper", " Did you mean `zoo:paper`?"],
      ["default", " Did you mean `zoo:default`?"],
      ["anytme", " Did you mean `zoo:anytime`?"],
      ["zoo:images-and-more", ""],
      ["zoo:../package", ""],
      ["images", ""],
      ["", ""],
    ];
    for (const [name, suggestion] of suggestions)
      await expect(MlrSnet.load(name)).rejects.toThrow(
        expect.objectContaining({
          code: "UNKNOWN_NAME",
          message: `${known}, got ${JSON.stringify(name)}.${suggestion}`,
        }),
      );
  });

  it("tells a missing file from one that cannot be read", async () => {
    await expect(MlrSnet.load(join(folder, "none"))).rejects.toThrow(`No schedule file at ${folder}/none.`);
    await expect(MlrSnet.load(folder)).rejects.toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
    await expect(MlrSnet.load("data:nonsense")).rejects.toThrow("Cannot read data:nonsense:");
  });
});

describe("zooFile", () => {
  it("lies in the folder zoo/ of the package", () => {
    const root = fileURLToPath(new URL("../../../", import.meta.url));
    expect(fileURLToPath(zooFile("zoo:default"))).toBe(join(root, "zoo", "default.safetensors"));
  });
});

describe("MlrSnet", () => {
  it("drives a training loop through a ScheduleRunner, which resumes from JSON bit for bit", async () => {
    const learned = await MlrSnet.load(path);
    const runner = new ScheduleRunner(learned.schedule(), { classes: 10, initialLoss: 2.3 });
    const rates = [2.3, 2.1, 1.9].map((loss) => runner.next({ loss }).learningRate);
    expect(rates.every((rate) => rate > 0 && rate < 0.67)).toBe(true);
    const resumed = resumeRunner(learned.schedule(), JSON.parse(JSON.stringify(runner)));
    expect(resumed.next({ loss: 1.5 })).toEqual(runner.next({ loss: 1.5 }));
  });
});
