import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeBenchmark, encodeBenchmark, readBenchmark } from "./benchmark-file.ts";
import type { BenchmarkUnit } from "./benchmark-unit.ts";
import { protocolVersion } from "./task-settings.ts";

const score = { loss: 1, accuracy: 0.5 };
const unit: BenchmarkUnit = {
  key: {
    protocolVersion,
    task: "a",
    taskHash: "0123",
    steps: 10,
    trainedOn: "all",
    participant: "tuned",
    schedule: "cosine",
    sha256: null,
    guarded: false,
    trials: 5,
    searchSeeds: 2,
    seeds: 1,
    seed: 0,
    runtime: "ort 1",
  },
  commit: "abc",
  runs: [
    {
      task: "a",
      schedule: "cosine",
      seed: 1,
      baseRate: 0.1,
      status: "done",
      last: score,
      best: score,
      validation: score,
      tuningRuns: 5,
      acts: [],
      participant: "tuned",
    },
  ],
  summary: {
    task: "a",
    schedule: "cosine",
    baseRate: 0.1,
    tuningRuns: 5,
    runs: 1,
    diverged: 0,
    judgedBy: "accuracy",
    mean: 0.5,
    standardError: null,
    lastLossMean: 1,
    bestMean: 0.5,
    validationMean: 0.5,
    acts: { rollback: 0, cut: 0, skip: 0 },
    search: [],
    sha256: null,
    participant: "tuned",
    learned: false,
  },
};

describe("decodeBenchmark", () => {
  it("gives back the units of a benchmark that goes on, and of one that has ended.", () => {
    expect(decodeBenchmark(encodeBenchmark(null, [unit]), "f.json")).toEqual([unit]);
    const ended = encodeBenchmark({ suite: "dev", runs: unit.runs }, [unit]);
    expect(decodeBenchmark(ended, "f.json")).toEqual([unit]);
    expect(JSON.parse(ended)).toMatchObject({ complete: true, suite: "dev", runs: [{ seed: 1 }] });
  });

  it.each([
    ["a file cut short", encodeBenchmark(null, [unit]).slice(0, -20), "FILE_CORRUPT", /no JSON/],
    ["a file of another kind", '{"task":"a","runs":[]}', "UNSUPPORTED_FORMAT", /benchmark --out/],
    ["no object", "null", "UNSUPPORTED_FORMAT", /got another/],
    [
      "a file of an older release",
      '{"format":"mlr-snet benchmark","version":2}',
      "UNSUPPORTED_FORMAT",
      /version 3, got 2: begin a new file/,
    ],
    [
      "a file of another version of the protocol",
      '{"format":"mlr-snet benchmark","version":3,"protocolVersion":1}',
      "UNSUPPORTED_FORMAT",
      /of the protocol, got 1: its figures measure something else/,
    ],
    [
      "a file without units",
      `{"format":"mlr-snet benchmark","version":3,"protocolVersion":${protocolVersion}}`,
      "FILE_CORRUPT",
      /it has no units/,
    ],
  ])("refuses %s and names it.", (_, text, code, message) => {
    expect(() => decodeBenchmark(text, "f.json")).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(() => decodeBenchmark(text, "f.json")).toThrow(/f\.json/);
  });

  it("refuses a unit with a part missing.", () => {
    const { summary, ...rest } = unit;
    const damaged = [
      rest,
      { ...unit, runs: [] },
      { ...unit, commit: null },
      { ...unit, runs: [{ ...unit.runs[0], last: { loss: 1 } }] },
      { ...unit, summary: { ...summary, mean: 7 } },
      { ...unit, summary: { ...summary, judgedBy: "luck" } },
      null,
    ];
    for (const wrong of damaged) {
      const text = encodeBenchmark(null, [unit, wrong as unknown as BenchmarkUnit]);
      expect(() => decodeBenchmark(text, "f.json")).toThrow(/unit 1 is not whole/);
    }
  });
});

describe("readBenchmark", () => {
  it("finds nothing in a file that is not there yet, and says of a folder that it cannot be read.", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mlr-snet-benchmark-"));
    expect(await readBenchmark(join(folder, "none.json"))).toEqual([]);
    await expect(readBenchmark(folder)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
    await rm(folder, { recursive: true });
  });
});
