import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  content,
  copy,
  fail,
  folder,
  main,
  names,
  removeFolder,
  resultOf,
  sizeOf,
  train,
  trainUntil,
  trainWhole,
  whole,
} from "../../test/long-horizon-runs.ts";
import type { LongHorizonCheckpoint } from "../meta/index.ts";
import { decodeLongHorizonCheckpoint, encodeLongHorizonCheckpoint } from "../meta/internal.ts";

beforeAll(trainWhole);
afterAll(removeFolder);

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
