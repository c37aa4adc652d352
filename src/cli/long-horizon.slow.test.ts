import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, type CliResult, runCli } from "../../test/built-cli.ts";
import { type LongHorizonCheckpoint, longHorizonDefaults } from "../meta/index.ts";
import { decodeLongHorizonCheckpoint, encodeLongHorizonCheckpoint } from "../meta/internal.ts";
import { Random } from "../random.ts";
import { decodeSchedule } from "../schedules/index.ts";

let main: string;
let folder: string;
const generations = 5;
const recipe = ["meta-train", "--recipe", "long-horizon"];
const tiny = ["--tasks", "2", "--pairs", "2", "--checkpoint-every", "1"];
const whole = [...recipe, ...tiny, "--budget", `${generations}gen`];

beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-long-horizon-"));
  for (const estimator of ["es", "pes"]) {
    const { code, stderr } = await train(`${estimator}-whole`, [...whole, "--estimator", estimator]);
    expect(code, stderr).toBe(0);
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs with the output `name`, until the end. */
async function train(name: string, args: readonly string[], env: Record<string, string> = {}) {
  return await runCli(main, [...args, "--out", `${name}.safetensors`], { cwd: folder, env });
}

/** Runs until it is time, and so many looks longer; then sends the signal. */
async function trainUntil(
  isTime: () => Promise<boolean>,
  signal: NodeJS.Signals,
  name: string,
  args: readonly string[],
  looks = 0,
): Promise<CliResult> {
  let timer: NodeJS.Timeout | undefined;
  const result = await runCli(main, [...args, "--out", `${name}.safetensors`], {
    cwd: folder,
    onStart: (kill) => {
      let left = looks;
      timer = setInterval(async () => {
        if (!(await isTime()) || left-- > 0) return;
        clearInterval(timer);
        kill(signal);
      }, 5);
    },
  });
  clearInterval(timer);
  return result;
}

/** Size of a file; 0 where there is none. */
const sizeOf = (name: string): Promise<number> =>
  stat(join(folder, name)).then(
    ({ size }) => size,
    () => 0,
  );
const content = (name: string) => readFile(join(folder, name));

/** All that does not depend on the time and the machine: θ bit for bit, and the records. */
async function resultOf(name: string) {
  const { cell, snapshots, provenance } = decodeSchedule(await content(`${name}.safetensors`));
  const lines = (await content(`${name}.jsonl`)).toString().trim().split("\n");
  const records = lines.map((line) => JSON.parse(line)).map(({ seconds: _, ...record }) => record);
  const { generations, task } = provenance;
  return { cell, snapshots, generations, task, records };
}

const names = ["ckpt", "jsonl", "safetensors"];
const copy = (from: string, to: string) =>
  Promise.all(names.map((name) => copyFile(join(folder, `${from}.${name}`), join(folder, `${to}.${name}`))));

/** Runs a command that must fail with the code, in one line; the same as one object with --json. */
async function fail(name: string, args: readonly string[], code: string, env?: Record<string, string>) {
  const failed = await train(name, [...args, "--json"], env);
  expect(failed.code, failed.stderr).toBe(
    ["USAGE", "INVALID_ARGUMENT", "UNKNOWN_NAME"].includes(code) ? 2 : 1,
  );
  const { error } = JSON.parse(failed.stdout);
  expect(error.code, error.message).toBe(code);
  expect(failed.stderr).toBe(`mlr-snet: ${error.message}\n`);
  expect(error.message).not.toMatch(/\n|undefined|\[object/);
  return error.message as string;
}

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

describe("meta-train --recipe long-horizon --resume", () => {
  const files = (name: string) =>
    Promise.all(names.map((end) => readFile(join(folder, `${name}.${end}`), "base64")));

  it("refuses a checkpoint of other options, of the paper's recipe, and a damaged one; every file stays.", async () => {
    await copy("es-whole", "kept");
    const before = await files("kept");
    const resume = [...whole, "--resume"];
    for (const [flags, message] of [
      [["--seed", "5"], /seed 5, but the checkpoint has 0/],
      [["--pairs", "3"], /pairs 3, but the checkpoint has 2/],
      [["--preset", "transfer-anytime"], /cell \{/],
      [["--estimator", "pes"], /estimator "pes", but the checkpoint has "es"/],
      [["--task", "mnist1d/logistic"], /task \{.*but the checkpoint has none/],
    ] as const) {
      expect(await fail("kept", [...resume, ...flags], "STATE_MISMATCH")).toMatch(message);
      expect(await files("kept")).toEqual(before);
    }
    const paper = ["meta-train", "--task", "mnist1d/logistic", "--steps", "20", "--preset", "transfer"];
    expect((await train("paper", paper)).code).toBe(0);
    await copyFile(join(folder, "paper.ckpt"), join(folder, "kept.ckpt"));
    expect(await fail("kept", resume, "STATE_MISMATCH")).toMatch(/paper meta-training/);
    await copyFile(join(folder, "es-whole.ckpt"), join(folder, "paper.ckpt"));
    expect(await fail("paper", [...paper, "--resume"], "STATE_MISMATCH")).toMatch(/long-horizon/);

    const checkpoint = Buffer.from(before[0]!, "base64");
    const flipped = Buffer.from(checkpoint);
    flipped[checkpoint.length >> 1]! ^= 1;
    for (const [damaged, code] of [
      [checkpoint.subarray(0, checkpoint.length >> 1), "FILE_CORRUPT"],
      [flipped, "FILE_CORRUPT"],
      [Buffer.from("junk"), "UNSUPPORTED_FORMAT"],
      [Buffer.alloc(0), "UNSUPPORTED_FORMAT"],
    ] as const) {
      await writeFile(join(folder, "kept.ckpt"), damaged);
      expect(await fail("kept", resume, code)).toMatch(/^kept\.ckpt: .*checkpoint/);
      expect((await files("kept")).slice(1)).toEqual(before.slice(1));
    }
  });

  it("refuses a forged checkpoint whose checksum is right.", async () => {
    await copy("pes-whole", "forged");
    const real = decodeLongHorizonCheckpoint(await content("forged.ckpt"));
    const forgeries: ((checkpoint: LongHorizonCheckpoint) => unknown)[] = [
      ({ state }) => state.evolution.theta.pop(),
      ({ state }) => state.evolution.adam.m.push(0),
      ({ state }) => Object.values(state.kept).map((slot) => Object.assign(slot, { arrays: {} })),
      ({ options }) => Object.assign(options, { cell: "transfer" }),
    ];
    for (const forge of forgeries) {
      const checkpoint = structuredClone(real);
      forge(checkpoint);
      await writeFile(join(folder, "forged.ckpt"), encodeLongHorizonCheckpoint(checkpoint));
      const args = [...whole, "--estimator", "pes", "--resume"];
      expect(await fail("forged", args, "FILE_CORRUPT")).toMatch(/^forged\.ckpt: /);
    }
  });

  it("starts afresh without a checkpoint, and beside one that a new run has overtaken.", async () => {
    expect((await train("afresh", [...whole, "--resume"])).code).toBe(0);
    expect(await resultOf("afresh")).toEqual(await resultOf("es-whole"));
    await copy("es-whole", "anew");
    // Killed when the old checkpoint is gone, before its own.
    const isGone = async () => (await sizeOf("anew.ckpt")) === 0;
    const rare = [...whole, "--seed", "3", "--checkpoint-every", "1000", "--budget", "1000gen"];
    const { signal } = await trainUntil(isGone, "SIGKILL", "anew", rare, 5);
    expect(signal).toBe("SIGKILL");
    expect(await sizeOf("anew.ckpt")).toBe(0);
    expect((await train("anew", [...whole, "--resume"])).code).toBe(0);
    expect(await resultOf("anew")).toEqual(await resultOf("es-whole"));
  });

  it("says so where the records that the checkpoint counts on are gone or damaged.", async () => {
    await copy("es-whole", "lost");
    await writeFile(join(folder, "lost.jsonl"), '{"step":0}\n');
    expect(await fail("lost", [...whole, "--resume"], "FILE_CORRUPT")).toMatch(
      /record of step 1 in lost\.jsonl/,
    );
    await rm(join(folder, "lost.jsonl"));
    expect(await fail("lost", [...whole, "--resume"], "FILE_NOT_FOUND")).toMatch(/lost\.jsonl/);
  });
});

describe("what cannot be learned", () => {
  it("is refused before any work.", async () => {
    const before = (await readdir(folder)).sort();
    expect(await fail("wrong", [...whole, "--preset", "image-meta-train"], "USAGE")).toMatch(
      /`--preset` to be transfer or transfer-anytime.*got image-meta-train/,
    );
    expect(await fail("wrong", [...whole, "--device", "webgpu"], "USAGE")).toMatch(/--device cpu/);
    expect(await fail("wrong", [...whole, "--threads", "2"], "USAGE")).toMatch(/--recipe paper/);
    expect(await fail("wrong", [...whole, "--workers", "-1"], "USAGE")).toMatch(/from 0 to 256/);
    const task = [...whole, "--task", "mnist1d/logistic"];
    expect(await fail("wrong", [...task, "--estimator", "pes"], "INVALID_ARGUMENT")).toMatch(/single task/);
    await fail("wrong", [...whole, "--task", "mnist1d/logistics"], "UNKNOWN_NAME");
    await fail("wrong", [...whole, "--task", "./none.mjs"], "FILE_NOT_FOUND");
    expect(await fail("no/such/folder", whole, "FILE_UNWRITABLE")).toMatch(/no such folder/);
    expect((await readdir(folder)).sort()).toEqual(before);
  });

  it("ends in one line where θ grows beyond all bounds.", async () => {
    for (const workers of ["0", "2"])
      expect(
        await fail("huge", [...whole, "--meta-rate", "1e300", "--workers", workers], "NOT_FINITE"),
      ).toMatch(/after generation 0.*smaller learning rate/);
    expect(await readdir(folder)).not.toContain("huge.safetensors");
  });

  it("ends in one line where a task fails in a worker, or takes the worker with it.", async () => {
    const training = JSON.stringify(join(dirname(main), "..", "training", "index.js"));
    await writeFile(
      join(folder, "fails.mjs"),
      `import { isMainThread } from "node:worker_threads";
       import { loadTask } from ${training};
       const how = isMainThread ? "" : process.env.HOW;
       if (how === "exit") process.exit(3);
       if (how === "throw") throw new Error("no luck\\nat all");
       if (how === "null") throw null;
       if (how === "later") setImmediate(() => { throw new Error("behind the back"); });
       export default await loadTask("mnist1d/logistic");`,
    );
    const args = [...whole, "--task", "./fails.mjs", "--steps", "2000", "--workers", "2"];
    for (const [how, code, message] of [
      ["exit", "ENGINE_FAILED", /ended without an answer/],
      ["throw", "TASK_INVALID", /no luck$/],
      ["null", "TASK_INVALID", /null$/],
      ["later", "ENGINE_FAILED", /behind the back/],
    ] as const)
      expect(await fail("fails", args, code, { HOW: how })).toMatch(message);
  });
});
