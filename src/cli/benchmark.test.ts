import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../test/run-command-line.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-benchmark-cli-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("mlr-snet benchmark", () => {
  it("explains itself with examples.", async () => {
    const { code, stdout } = await run("benchmark", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("  mlr-snet benchmark --quick");
  });

  const wrong: [args: string[], message: RegExp][] = [
    [["--suite", "final"], /later release/],
    [["--suite", "devel"], /`--suite` to be one of dev, final, got "devel"/],
    [["--tasks", "mnist/mpl"], /Did you mean `mnist\/mlp`\?/],
    [["--schedules", "cosin"], /Did you mean `cosine`\?/],
    [["--baselines", "none"], /`schedules` or `baselines` to run, got neither/],
    [["--baselines", "some"], /one of both, tuned, untuned, none, got "some"/],
    [["--resume"], /`--out` with `--resume`/],
    [["--threads", "2"], /`--workers` .* `--threads 2`/],
    [["--workers", "0"], /`--workers` to be an integer from 1 to 256, got "0"/],
    [["--seeds", "0"], /`--seeds`/],
  ];
  it.each(wrong)("%j is wrong usage, said in one line.", async (args, message) => {
    const { code, stdout, stderr } = await run("benchmark", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("does not resume from, or write over, a file that is no benchmark's.", async () => {
    const path = join(folder, "other.json");
    for (const [text, message] of [
      ["{", /damaged/],
      ['{"runs":[]}', /got another/],
    ] as const) {
      await writeFile(path, text);
      const { code, stderr } = await run("benchmark", "--quick", "--out", path, "--resume");
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });
});
