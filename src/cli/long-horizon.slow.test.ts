import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../../test/built-cli.ts";
import {
  content,
  fail,
  folder,
  generations,
  main,
  recipe,
  removeFolder,
  resultOf,
  sizeOf,
  tiny,
  train,
  trainUntil,
  trainWhole,
  whole,
} from "../../test/long-horizon-runs.ts";
import { longHorizonDefaults } from "../meta/index.ts";
import { Random } from "../random.ts";

beforeAll(trainWhole);
afterAll(removeFolder);

describe("meta-train --recipe long-horizon", () => {
  it("gives the same bits with none, one and two workers, and says what it did.", async () => {
    const answers: Record<string, unknown> = {};
    for (const workers of ["0", "1", "2"]) {
      const name = `workers-${workers}`;
      const { code, stdout, stderr } = await train(name, [...whole, "--workers", workers, "--json"]);
      expect(code, stderr).toBe(0);
      const { seconds, ...answer } = JSON.parse(stdout);
      expect(seconds).toBeTypeOf("number");
      expect(answer).toEqual({
        task: null,
        recipe: "long-horizon",
        seed: 0,
        status: "done",
        generations,
        value: expect.any(Number),
        diverged: expect.any(Number),
        out: `${name}.safetensors`,
        snapshots: 1,
        records: `${name}.jsonl`,
        checkpoint: `${name}.ckpt`,
      });
      answers[workers] = answer.value;
    }
    expect(new Set(Object.values(answers)).size).toBe(1);
    const none = await resultOf("workers-0");
    expect(none.records).toHaveLength(generations);
    expect(none.generations).toBe(generations);
    expect(await resultOf("workers-1")).toEqual(none);
    expect(await resultOf("workers-2")).toEqual(none);
    const replay = async (workers: string) => {
      const schedule = ["--schedule", `workers-${workers}.safetensors`, "--classes", "10"];
      const losses = ["--losses", "2.3,2.2,2,1.9,2.4,1.5"];
      return await runCli(main, ["replay", ...schedule, ...losses, "--json"], { cwd: folder });
    };
    const rates = JSON.parse((await replay("1")).stdout).learningRates;
    expect(rates).toHaveLength(6);
    expect(JSON.parse((await replay("2")).stdout).learningRates).toEqual(rates);
    const other = await train("other", [...whole, "--seed", "1"]);
    expect(other.stdout).toMatch(/^5 generations in \d+ s: value -?\d+\.\d{4} \(smaller is better\), /);
    expect((await resultOf("other")).snapshots).not.toEqual(none.snapshots);
  });

  it.each(["es", "pes"])(
    "gives the uninterrupted run's bits with %s, killed at random moments.",
    async (estimator) => {
      const args = [...whole, "--estimator", estimator];
      const size = await sizeOf(`${estimator}-whole.jsonl`);
      const random = new Random(1, "moments", estimator);
      const moments = Array.from({ length: 4 }, () => 0.8 * random.uniform() * size).sort((a, b) => a - b);
      let kills = 0;
      for (const [index, bytes] of moments.entries()) {
        const own = [...args, "--workers", String(index % 3), "--resume"];
        const name = `${estimator}-killed`;
        const isTime = async () => (await sizeOf(`${name}.jsonl`)) >= bytes;
        const { signal } = await trainUntil(isTime, "SIGKILL", name, own, random.integer(10));
        if (signal === "SIGKILL") kills++;
      }
      const { code, stderr } = await train(`${estimator}-killed`, [...args, "--resume"]);
      expect(code, stderr).toBe(0);
      expect(kills).toBeGreaterThanOrEqual(2);
      expect(await resultOf(`${estimator}-killed`)).toEqual(await resultOf(`${estimator}-whole`));
    },
  );

  it("stops after a checkpoint on Ctrl-C, with exit status 130, and goes on from there to any budget.", async () => {
    for (const workers of ["0", "2"]) {
      const name = `stopped-${workers}`;
      const endless = [...recipe, ...tiny, "--workers", workers, "--budget", "1000gen", "--json"];
      const hasRecords = async () => (await sizeOf(`${name}.jsonl`)) > 0;
      const stopped = await trainUntil(hasRecords, "SIGINT", name, endless);
      expect(stopped.code).toBe(130);
      const { error } = JSON.parse(stopped.stdout);
      expect(error.code).toBe("INTERRUPTED");
      const [, made] =
        /^Stopped after (\d+) generations, saved in stopped-\d\.ckpt: .*--resume goes on\.$/.exec(
          error.message,
        )!;
      const { records, generations: done } = await resultOf(name);
      expect(records).toHaveLength(Number(made));
      expect(done).toBe(Number(made));
      const longer = ["--budget", `${Math.max(generations, Number(made) + 1)}gen`, "--resume"];
      const resumed = await train(name, [...recipe, ...tiny, ...longer]);
      expect(resumed.code, resumed.stderr).toBe(0);
      const both = await resultOf(name);
      const expected = (await resultOf("es-whole")).records;
      expect(both.records.slice(0, generations)).toEqual(expected);
    }
  });

  it("ends with a budget of time after the generation in which it is spent, and has nothing left to do then.", async () => {
    const timed = [...recipe, ...tiny, "--budget", "0.5s"];
    expect((await train("timed", timed)).code).toBe(0);
    const lines = (await content("timed.jsonl")).toString().trim().split("\n");
    const seconds = lines.map((line) => JSON.parse(line).seconds);
    expect(seconds.findIndex((at) => at >= 0.5)).toBe(seconds.length - 1);
    const before = await resultOf("timed");
    expect(before.generations).toBe(seconds.length);
    const again = await train("timed", [...timed, "--resume", "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({
      generations: seconds.length,
      value: null,
      diverged: null,
    });
    expect(await resultOf("timed")).toEqual(before);
    const text = await train("timed", [...timed, "--resume"]);
    expect(text.stdout.split("\n")[0]).toMatch(/^\d+ generations in \d+ s$/);
  });

  it("learns on one task with the same bits for any number of workers, and goes on where the data have moved.", async () => {
    await mkdir(join(folder, "moved"), { recursive: true });
    const task = [...recipe, "--task", "mnist1d/logistic", "--steps", "30", "--pairs", "2"];
    const args = [...task, "--budget", "2gen", "--checkpoint-every", "1", "--workers"];
    expect((await train("task-1", [...args, "1"])).code).toBe(0);
    expect((await train("task-2", [...args, "2", "--data", "."])).code).toBe(0);
    const one = await resultOf("task-1");
    expect(one.task).toEqual({ reference: "mnist1d/logistic", steps: 30 });
    expect(await resultOf("task-2")).toEqual(one);
    const longer = ["--budget", "3gen", "--resume"];
    const moved = await train("task-2", [...task, ...longer, "--data", "moved", "--json"]);
    expect(JSON.parse(moved.stdout)).toMatchObject({ task: "mnist1d/logistic", generations: 3 });
    expect((await resultOf("task-2")).records.slice(0, 2)).toEqual(one.records);
    expect(await fail("task-2", [...task, "--steps", "31", ...longer], "STATE_MISMATCH")).toMatch(
      /task \{.*31\}, but the checkpoint has \{.*30\}/,
    );
  });

  it("says in --help what the defaults are.", async () => {
    const { stdout } = await runCli(main, ["meta-train", "--help"], { cwd: folder });
    const text = stdout.replace(/\s+/g, " ");
    const { tasks, pairs, sigma, learningRate, shaping, estimator } = longHorizonDefaults;
    expect(text).toMatch(`tasks a generation (default: ${tasks}; 2 with --task)`);
    expect(text).toMatch(`pairs a task (default: ${pairs})`);
    expect(text).toMatch(`size of the perturbations (default: ${sigma})`);
    expect(text).toMatch(`learning rate of Adam on the schedule (default: ${learningRate})`);
    expect(text).toMatch(`how bad a run is (default: ${shaping})`);
    expect(text).toMatch(`not with --task (default: ${estimator})`);
  });
});
