import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, runCli } from "../../test/built-cli.ts";

let main: string;
let folder: string;
beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-compare-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const args = [
  ...["compare", "--task", "mnist1d/logistic", "--schedules", "zoo:default,constant,cosine"],
  ...["--steps", "40", "--seeds", "5", "--trials", "3"],
];
const run = (...more: string[]) => runCli(main, [...args, ...more], { cwd: folder });
const content = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));

describe("compare --resume", () => {
  it("stopped by Ctrl-C ends with 130, and goes on from the runs that are in its file to the same answer.", async () => {
    const out = join(folder, "stopped.json");
    let hasEnded = false;
    const stopped = await runCli(main, [...args, "--steps", "400", "--out", out], {
      cwd: folder,
      onStart: async (kill) => {
        // As soon as a run is on the disk.
        while (!hasEnded && !existsSync(out)) await setImmediate();
        kill("SIGINT");
      },
    }).finally(() => {
      hasEnded = true;
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/stopped\.json, and the same command with --resume goes on/);
    const { complete, finished } = await content("stopped.json");
    expect(complete).toBe(false);
    expect(finished.length).toBeGreaterThan(0);

    // The same with the runs of a whole file but for two, of which one is changed by hand: it shows that it was taken.
    const whole = await run("--out", "whole.json", "--json");
    expect(whole.code, whole.stderr).toBe(0);
    const file = await content("whole.json");
    expect(file).toMatchObject({ complete: true, task: "mnist1d/logistic", comparator: expect.any(String) });
    expect(file.paired).toEqual(JSON.parse(whole.stdout).paired);
    const [first] = file.finished;
    expect(first).toMatchObject({
      key: { schedule: "zoo:default", sha256: expect.any(String), seed: 1, steps: 40, trainedOn: "all" },
      commit: expect.any(String),
    });
    expect(first.curve).toHaveLength(40);
    first.acts = [{ step: 0, kind: "skip", message: "by hand" }];
    file.finished.splice(3, 2);
    await writeFile(join(folder, "part.json"), JSON.stringify(file));
    const resumed = await run("--out", "part.json", "--resume", "--json");
    expect(resumed.code, resumed.stderr).toBe(0);
    const [ours, theirs] = [JSON.parse(resumed.stdout), JSON.parse(whole.stdout)];
    expect(ours.runs[0].acts).toEqual(first.acts);
    expect(ours.paired).toEqual(theirs.paired);
    expect(ours.runs.slice(1)).toEqual(theirs.runs.slice(1));
    expect((await content("part.json")).finished).toHaveLength(file.finished.length + 2);
  });

  it("prints a verdict beside the comparator for every other schedule.", async () => {
    const { code, stdout } = await run("--out", "whole.json", "--resume");
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nBeside (constant|cosine), which was best on validation data:\n/);
    expect(stdout).toMatch(
      /\n {2}zoo:default: [\d.]+ points (better|worse) \[.*\]: (better|not worse|inconclusive|behind)\n/,
    );
  });

  it("refuses a file of something else, and --resume without a file, before any work.", async () => {
    await writeFile(join(folder, "other.json"), '{"runs":[]}');
    const other = await run("--out", "other.json", "--resume");
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/Expected other\.json to be a file of `compare --out`, got another/);
    expect(await readFile(join(folder, "other.json"), "utf8")).toBe('{"runs":[]}');
    const without = await run("--resume");
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/`--out` with `--resume`/);
  });
});
