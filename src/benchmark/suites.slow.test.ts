import { describe, expect, it } from "vitest";
import { exampleCount, generateMnist1d } from "../data/index.ts";
import { splitsOf, tasks } from "../training/index.ts";
import { checkTask } from "../training/internal.ts";
import { devSuite, findSuite, generatedTasks } from "./suites.ts";

describe("devSuite", () => {
  it("has nine tasks of different names, of which three need no data.", () => {
    expect(new Set(devSuite.map(({ name }) => name)).size).toBe(9);
    expect(generatedTasks).toEqual(["dev/mnist1d-mlp", "dev/mnist1d-gru", "dev/mnist1d-cnn-noisy"]);
  });

  it("names a task like a built-in one where only its length differs.", () => {
    const builtIn = tasks.map(({ name }) => name);
    expect(devSuite.filter(({ name }) => !builtIn.includes(name)).map(({ name }) => name)).toEqual(
      generatedTasks,
    );
  });

  it.each(generatedTasks)("has a valid task %s of other data than the built-in tasks.", async (name) => {
    const entry = devSuite.find((task) => task.name === name)!;
    const task = checkTask(await entry.load());
    expect(task).toMatchObject({ name, steps: entry.steps });
    expect(task.data.test.inputs).not.toEqual(generateMnist1d().test.inputs);
    expect((await entry.load()).data).toEqual(task.data);
  });

  it("replaces 30 % of the noisy task's training labels, validation included, and none of its test labels.", async () => {
    const task = await devSuite.find(({ name }) => name === "dev/mnist1d-cnn-noisy")!.load();
    const clean = generateMnist1d({ seed: 1003 });
    expect(task.data.test.labels).toEqual(clean.test.labels);
    expect(task.data.train.inputs).toEqual(clean.train.inputs);
    const changed = task.data.train.labels.filter((label, index) => label !== clean.train.labels[index]);
    // A tenth of the random labels is right: 27 % of 4000 are wrong, ± 28.
    expect(Math.abs(changed.length - 1080)).toBeLessThan(100);
    const { train, validation } = splitsOf(task);
    expect([exampleCount(train), exampleCount(validation)]).toEqual([3500, 500]);
  });
});

describe("findSuite", () => {
  it("says of the final suite that it comes later, and knows no other.", () => {
    expect(findSuite("dev")).toBe(devSuite);
    expect(() => findSuite("final")).toThrow(/later release/);
    expect(() => findSuite("devel")).toThrow(expect.objectContaining({ code: "UNKNOWN_NAME" }));
  });
});
