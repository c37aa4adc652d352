import { copyFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { decodeSchedule, type ScheduleFile } from "../src/schedules/index.ts";
import { builtCli, type CliResult, runCli } from "./built-cli.ts";

/* Tiny long-horizon meta-trainings by the built command line, in a folder of their own. */

export const main: string = builtCli();
export const folder: string = await mkdtemp(join(tmpdir(), "mlr-snet-long-horizon-"));
export const generations = 5;
export const recipe: string[] = ["meta-train", "--recipe", "long-horizon"];
export const tiny: string[] = ["--tasks", "2", "--pairs", "2", "--checkpoint-every", "1"];
export const whole: string[] = [...recipe, ...tiny, "--budget", `${generations}gen`];

/** Two runs to the end, `es-whole` and `pes-whole`, which tests compare with. */
export async function trainWhole(): Promise<void> {
  for (const estimator of ["es", "pes"]) {
    const { code, stderr } = await train(`${estimator}-whole`, [...whole, "--estimator", estimator]);
    expect(code, stderr).toBe(0);
  }
}

export async function removeFolder(): Promise<void> {
  await rm(folder, { recursive: true });
}

/** Runs with the output `name`, until the end. */
export async function train(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CliResult> {
  return await runCli(main, [...args, "--out", `${name}.safetensors`], { cwd: folder, env });
}

/** Runs until it is time, and so many looks longer; then sends the signal. */
export async function trainUntil(
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
export const sizeOf = (name: string): Promise<number> =>
  stat(join(folder, name)).then(
    ({ size }) => size,
    () => 0,
  );
export const content = (name: string): Promise<Buffer> => readFile(join(folder, name));

/** A schedule that was learned, and what was recorded. */
export type LearnedResult = Pick<ScheduleFile, "cell" | "snapshots"> & {
  generations: unknown;
  task: unknown;
  records: Record<string, unknown>[];
};

/** All that does not depend on the time and the machine: θ bit for bit, and the records. */
export async function resultOf(name: string): Promise<LearnedResult> {
  const { cell, snapshots, provenance } = decodeSchedule(await content(`${name}.safetensors`));
  const lines = (await content(`${name}.jsonl`)).toString().trim().split("\n");
  const records = lines.map((line) => JSON.parse(line)).map(({ seconds: _, ...record }) => record);
  const { generations, task } = provenance;
  return { cell, snapshots, generations, task, records };
}

export const names: string[] = ["ckpt", "jsonl", "safetensors"];
export async function copy(from: string, to: string): Promise<void> {
  for (const name of names) await copyFile(join(folder, `${from}.${name}`), join(folder, `${to}.${name}`));
}

/** Runs a command that must fail with the code, in one line; the same as one object with --json. */
export async function fail(
  name: string,
  args: readonly string[],
  code: string,
  env?: Record<string, string>,
): Promise<string> {
  const failed = await train(name, [...args, "--json"], env);
  expect(failed.code, failed.stderr).toBe(
    ["USAGE", "INVALID_ARGUMENT", "UNKNOWN_NAME"].includes(code) ? 2 : 1,
  );
  const { error } = JSON.parse(failed.stdout);
  expect(error.code, error.message).toBe(code);
  expect(failed.stderr).toBe(`mlr-snet: ${error.message}\n`);
  expect(error.message).not.toMatch(/\n|undefined|\[object/);
  return error.message;
}
