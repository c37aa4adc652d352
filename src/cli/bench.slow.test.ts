import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { beforeAll, describe, expect, it } from "vitest";
import { builtCli, runCli } from "../../test/built-cli.ts";

const hasPyTorch = spawnSync("/usr/bin/python3", ["-c", "import torch"]).status === 0;

let main: string;
beforeAll(() => {
  main = builtCli();
});

/** Figures are not judged here: a timed test tells of the machine's mood. */
async function bench(name: string) {
  const { code, stdout, stderr } = await runCli(main, ["bench", "--only", name, "--json"], { cwd: tmpdir() });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("mlr-snet bench", () => {
  it("times a workload and says on what machine.", async () => {
    const { machine, results } = await bench("schedule-call");
    expect(machine).toMatchObject({
      node: process.version,
      cores: expect.any(Number),
      cpu: expect.any(String),
    });
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ name: "schedule-call", unit: "µs", median: expect.any(Number) });
  });

  it(`times PyTorch beside it where it is installed${hasPyTorch ? "" : " (it is not here: the ratio is null)"}.`, async () => {
    const { machine, results } = await bench("population/mlp-40-64-64-10");
    if (process.env.CI === "true") expect(hasPyTorch, "CI installs python3-torch").toBe(true);
    expect(results[0]).toMatchObject({ unit: "member-steps/s", median: expect.any(Number) });
    expect(machine.pytorch === null).toBe(!hasPyTorch);
    expect(results[0].ratioToPyTorch === null).toBe(!hasPyTorch);
  });
});
