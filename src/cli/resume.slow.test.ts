import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, type CliResult, runCli } from "../../test/built-cli.ts";
import { Random } from "../random.ts";

let main: string;
let folder: string;
const steps = 3000;
const task = [
  "meta-train",
  "--task",
  "mnist1d/mlp",
  "--steps",
  String(steps),
  "--threads",
  "1",
  "--checkpoint-every",
  "100",
];

beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-resume-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs until the end, or until the records file has grown to so many bytes; then sends the signal. */
async function runUntil(bytes: number, signal: NodeJS.Signals, ...args: string[]): Promise<CliResult> {
  const records = join(folder, `${args.at(-1)}.jsonl`);
  let timer: NodeJS.Timeout | undefined;
  const result = await runCli(main, [...task, ...args.slice(0, -1), "--out", `${args.at(-1)}.safetensors`], {
    cwd: folder,
    onStart: (kill) => {
      timer = setInterval(async () => {
        const size = await stat(records).then(
          ({ size }) => size,
          () => 0,
        );
        if (size < bytes) return;
        clearInterval(timer);
        kill(signal);
      }, 5);
    },
  });
  clearInterval(timer);
  return result;
}

const rates = async (name: string): Promise<[step: number, learningRate: number][]> =>
  (await readFile(join(folder, `${name}.jsonl`), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ step, learningRate }) => [step, learningRate]);

describe("meta-train --resume", () => {
  it("gives the uninterrupted run's learning rates and schedule bit for bit, killed at ten random moments.", async () => {
    expect((await runUntil(Number.POSITIVE_INFINITY, "SIGKILL", "whole")).code).toBe(0);
    const { size } = await stat(join(folder, "whole.jsonl"));
    // Ten places in the records file, one after another, so that every run gets further than the last.
    const random = new Random(1, "moments");
    // The last third is left to a busy machine, which may look late.
    const moments = Array.from({ length: 10 }, () => (2 / 3) * random.uniform() * size).sort((a, b) => a - b);
    let kills = 0;
    for (const bytes of moments) {
      const { signal } = await runUntil(bytes, "SIGKILL", "--resume", "killed");
      if (signal === "SIGKILL") kills++;
    }
    const { code, stderr } = await runUntil(Number.POSITIVE_INFINITY, "SIGKILL", "--resume", "killed");
    expect(code, stderr).toBe(0);
    expect(kills).toBe(10);
    expect(await rates("killed")).toEqual(await rates("whole"));
    expect(await rates("killed")).toHaveLength(steps);
    const bytes = (name: string) => readFile(join(folder, `${name}.safetensors`));
    expect((await bytes("killed")).equals(await bytes("whole"))).toBe(true);
  });

  it("stops after a checkpoint on Ctrl-C, with exit status 130, and goes on from there.", async () => {
    const stopped = await runUntil(1, "SIGINT", "--json", "stopped");
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout).error).toMatchObject({
      code: "INTERRUPTED",
      message: expect.stringMatching(/saved in stopped\.ckpt: the same command with --resume goes on/),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith("stopped")).sort()).toEqual([
      "stopped.ckpt",
      "stopped.jsonl",
    ]);
    expect((await runUntil(Number.POSITIVE_INFINITY, "SIGINT", "--resume", "stopped")).code).toBe(0);
    expect(await rates("stopped")).toEqual(await rates("whole"));
  });

  it("refuses a checkpoint of another run, and a damaged one, and leaves every file as it was.", async () => {
    for (const name of ["ckpt", "jsonl", "safetensors"])
      await copyFile(join(folder, `whole.${name}`), join(folder, `kept.${name}`));
    const contents = () =>
      Promise.all(
        ["ckpt", "jsonl", "safetensors"].map((name) => readFile(join(folder, `kept.${name}`), "base64")),
      );
    const before = await contents();
    const other = await runUntil(Number.POSITIVE_INFINITY, "SIGKILL", "--resume", "--seed", "5", "kept");
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("seed 5, but the checkpoint has 0"),
    });
    expect(await contents()).toEqual(before);

    const checkpoint = Buffer.from(before[0]!, "base64");
    const flipped = Buffer.from(checkpoint);
    flipped[checkpoint.length >> 1]! ^= 1;
    for (const damaged of [checkpoint.subarray(0, checkpoint.length >> 1), flipped, Buffer.from("junk")]) {
      await writeFile(join(folder, "kept.ckpt"), damaged);
      const { code, stderr } = await runUntil(Number.POSITIVE_INFINITY, "SIGKILL", "--resume", "kept");
      expect(code).toBe(1);
      expect(stderr).toMatch(/^mlr-snet: kept\.ckpt: .*checkpoint.*\n$/);
      expect((await contents()).slice(1)).toEqual(before.slice(1));
    }
  });

  it("starts afresh after a run that was begun anew beside an old checkpoint and killed before its own.", async () => {
    await copyFile(join(folder, "whole.ckpt"), join(folder, "anew.ckpt"));
    const { signal } = await runUntil(1, "SIGKILL", "--checkpoint-every", String(steps), "anew");
    expect(signal).toBe("SIGKILL");
    expect((await runUntil(Number.POSITIVE_INFINITY, "SIGKILL", "--resume", "anew")).code).toBe(0);
    expect(await rates("anew")).toEqual(await rates("whole"));
  });

  it("says so where the records that the checkpoint counts on are gone.", async () => {
    await copyFile(join(folder, "whole.ckpt"), join(folder, "lost.ckpt"));
    const { code, stderr } = await runUntil(Number.POSITIVE_INFINITY, "SIGKILL", "--resume", "lost");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^mlr-snet: Expected the records of the interrupted run in lost\.jsonl.*\n$/);
  });
});
