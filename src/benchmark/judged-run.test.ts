import { describe, expect, it } from "vitest";
import { cutWindows } from "../data/index.ts";
import { Engine } from "../engine/index.ts";
import { characterGru } from "../models/index.ts";
import { constant } from "../schedules/index.ts";
import { judgedRun } from "./judged-run.ts";

const part = () =>
  cutWindows(
    "cycle",
    Int32Array.from({ length: 81 }, (_, index) => index % 4),
    5,
    4,
  );
const data = { train: part(), validation: part(), test: part() };
const task = {
  name: "cycle/gru",
  data,
  model: characterGru(4, 3, 4),
  optimizer: { kind: "sgd" },
  batchSize: 8,
  steps: 3,
} as const;

async function judge(baseRate: number) {
  const engine = await Engine.create({ planFolder: null, threads: 1 });
  const schedule = constant({ baseRate });
  const run = judgedRun({ task, data, schedule, engine, seed: 0, judgeOn: "test" });
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
  }
}

describe("the score of a task of sequences", () => {
  it("has the perplexity beside loss and accuracy", async () => {
    const { last } = await judge(0.1);
    expect(last.perplexity).toBeCloseTo(Math.exp(last.loss!), 12);
    expect(last.perplexity).toBeLessThan(6);
  });

  it("has no loss where the run diverged, and accuracy and perplexity of guessing", async () => {
    const { perplexity, ...rest } = (await judge(1e39)).last;
    expect(rest).toEqual({ loss: null, accuracy: 0.25 });
    expect(perplexity).toBeCloseTo(4, 9); // the labels are equally frequent
  });
});
