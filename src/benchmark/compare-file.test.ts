import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeComparison, encodeComparison, readComparison } from "./compare-file.ts";
import type { FinishedRun } from "./compare-run.ts";
import { protocolVersion, type TaskSettings } from "./task-settings.ts";

const score = { loss: 1, accuracy: 0.5 };
const run: FinishedRun = {
  key: {
    ...{ protocolVersion, runtime: "ort 1", task: "t", taskHash: "0", steps: 5, trainedOn: "all" },
    ...{
      judgedOn: "test",
      schedule: "cosine",
      sha256: null,
      guarded: false,
      settings: null,
      baseRate: 0.1,
      seed: 1,
    },
  },
  commit: "abc",
  ...{ status: "done", last: score, best: score, validation: null, acts: [] },
  curve: [{ step: 0, loss: 2, learningRate: 0.1 }],
};
const settings: TaskSettings = {
  ...{ task: "t", optimizer: { kind: "sgd" }, batchSize: 1, loss: "own", judgedBy: "accuracy" },
  ...{ parameters: 1, inputShape: [1], classes: 2, labelsPerExample: 1, data: "ab" },
  examples: { train: 1, validation: 1, test: 1 },
};

describe("decodeComparison", () => {
  it("gives back the runs of a comparison that goes on, and of one that has ended.", () => {
    const other = { ...run, key: { ...run.key, seed: 2 }, curve: [] };
    const text = encodeComparison(settings, null, [run, other]);
    expect(decodeComparison(text, "f.json")).toEqual([run, other]);
    expect(JSON.parse(text)).toMatchObject({ complete: false, settings });
    const result = {
      task: "t",
      taskHash: "0",
      judgedBy: "accuracy",
      runs: [],
      summary: [],
      comparator: null,
      paired: [],
    } as const;
    const ended = encodeComparison(settings, { ...result, runs: [], summary: [], paired: [] }, [run]);
    expect(decodeComparison(ended, "f.json")).toEqual([run]);
    expect(JSON.parse(ended)).toMatchObject({ complete: true, task: "t", paired: [] });
    expect(decodeComparison(encodeComparison(settings, null, []), "f.json")).toEqual([]);
  });

  const whole = encodeComparison(settings, null, [run]);
  it.each([
    ["a file cut short", whole.slice(0, -20), "FILE_CORRUPT", /no JSON/],
    ["a file of another kind", '{"runs":[]}', "UNSUPPORTED_FORMAT", /got another/],
    [
      "another version",
      whole.replace('"version":2', '"version":9'),
      "UNSUPPORTED_FORMAT",
      /version 2, got 9/,
    ],
    [
      "another version of the protocol",
      whole.replace(`"protocolVersion":${protocolVersion}`, '"protocolVersion":1'),
      "UNSUPPORTED_FORMAT",
      /protocol, got 1/,
    ],
    ["a run with a part missing", whole.replace('"commit":"abc",', ""), "FILE_CORRUPT", /run 0 is not whole/],
  ])("refuses %s and names it.", (_, text, code, message) => {
    expect(() => decodeComparison(text, "f.json")).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(() => decodeComparison(text, "f.json")).toThrow(/f\.json/);
  });
});

describe("readComparison", () => {
  it("finds nothing in a file that is not there yet, and says of a folder that it cannot be read.", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mlr-snet-comparison-"));
    expect(await readComparison(join(folder, "none.json"))).toEqual([]);
    await expect(readComparison(folder)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
    await rm(folder, { recursive: true });
  });
});
