import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtCli } from "../../test/built-cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-plans-"));
});
afterAll(() => rm(folder, { recursive: true }));

const processes = 3;
const threads = 3;
const enginesPerThread = 2;

/** Prints the plans of engines that compile the same ten shapes, each in another order, in threads of one process. */
const program = (entry: (floor: string) => string): string => `
  import { isMainThread, parentPort, Worker } from "node:worker_threads";
  import { Engine } from ${entry("engine")};
  import { apply, input } from ${entry("graph")};
  const operator = {
    name: "telling",
    infer: ([x]) => [{ shape: x.shape, dataType: "float32" }],
    lowerings: Object.fromEntries([1, 2, 3].map((amount) => ["add" + amount, {
      emit: (emitter, _node, [x]) => emitter.node("Add", [x, emitter.floats([amount])]),
    }])),
  };
  const sizes = Array.from({ length: 10 }, (_, index) => 4 + index);
  async function plan(turn) {
    const engine = await Engine.create({ threads: 1, planFolder: process.argv[2] });
    for (const size of [...sizes.slice(turn), ...sizes.slice(0, turn)]) {
      const compiled = await engine.compile({ y: apply(operator, [input("x", [size])], {}) });
      await compiled.release();
    }
    return engine.plan;
  }
  const plans = () => Promise.all(Array.from({ length: ${enginesPerThread} }, (_, turn) => plan(3 * turn)));
  if (isMainThread) {
    const answers = Array.from({ length: ${threads} }, () => new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
      worker.on("message", resolve);
      worker.on("error", reject);
    }));
    console.log(JSON.stringify((await Promise.all(answers)).flat()));
  } else parentPort.postMessage(await plans());
`;

describe("the lowering plan", () => {
  test("is one and the same for engines, threads and processes that measure at once, and no line is torn", async () => {
    const dist = join(dirname(builtCli()), "..");
    const script = join(folder, "plans.mjs");
    await writeFile(
      script,
      program((floor) => JSON.stringify(join(dist, floor, "index.js"))),
    );
    const cache = join(folder, "cache");
    const run = async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [script, cache], { cwd: dist });
      return JSON.parse(stdout) as unknown[];
    };
    const plans = (await Promise.all(Array.from({ length: processes }, run))).flat();
    expect(plans.length).toBe(processes * threads * enginesPerThread);
    for (const plan of plans) expect(plan).toEqual(plans[0]);
    const [file, ...others] = await readdir(cache);
    expect(others).toEqual([]);
    const lines = (await readFile(join(cache, file!), "utf8")).split("\n").filter((line) => line !== "");
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty("choices");
    expect(await run()).toContainEqual(plans[0]);
  });
});
