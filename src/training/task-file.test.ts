import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadTask } from "./task-file.ts";

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-task-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const prelude = `
const part = (count) => ({
  name: "points", inputs: new Float32Array(2 * count), inputShape: [2], classes: 2,
  labels: Int32Array.from({ length: count }, (_, index) => index % 2),
});
const model = (scope, x) => {
  scope.parameter("weight", [1], () => new Float32Array(1));
  return x;
};
const task = {
  name: "points/none", data: { train: part(16), test: part(4) }, model, optimizer: { kind: "sgd" }, batchSize: 4, steps: 2,
};
`;

async function load(body: string): Promise<string> {
  const path = join(folder, `task-${count++}.mjs`);
  await writeFile(path, prelude + body);
  return (await loadTask(path)).name;
}

describe("loadTask", () => {
  it("takes a task, a promise of one, or a function that gives either.", async () => {
    for (const body of ["task", "Promise.resolve(task)", "() => task", "async () => task"])
      expect(await load(`export default ${body};`)).toBe("points/none");
  });

  it("says in one line, with a code of ours, what is wrong with a file that is no task.", async () => {
    const wrong: [body: string, message: RegExp][] = [
      ["throw new Error('first line\\nsecond line');", /fails: first line$/],
      ["import './none.mjs';", /task-\d+\.mjs fails: .*none\.mjs/],
      ["export default Promise.reject(new Error('later'));", /fails: later$/],
      ["export default () => { throw new Error('called'); };", /fails: called$/],
      ["export default class {};", /fails: Class constructor/],
      ["export default null;", /default export to be an object, got null/],
      ["export default { ...task, batchSize: '4' };", /`batchSize` to be an integer ≥ 1, got "4"/],
      ["export default { ...task, model: () => { throw new Error('inside') } };", /fails: inside$/],
      [
        "export default { ...task, model: () => undefined };",
        /`model` to give a tensor .* no tensor but undefined/,
      ],
      ["export default { ...task, model: async () => {} };", /`model` to give a tensor/],
      ["export default { ...task, model: (scope, x) => x };", /`model` to have a parameter, got none/],
      ["export default { ...task, loss: () => 3 };", /`loss` to give the loss of each example/],
      ["export default { ...task, loss: (outputs) => outputs };", /\[batch\], got float32 \[4,2\]/],
      [
        "const more = (set) => ({ ...set, classes: 3 }); export default { ...task, data: { train: more(part(16)), test: more(part(4)) } };",
        /logits for 3 classes, got \[4,2\]/,
      ],
      [
        `const real = ({ classes, ...set }) => ({ ...set, labels: Float32Array.from(set.labels) });
         export default { ...task, loss: "squared-error", data: { train: real(part(16)), test: real(part(4)) } };`,
        /`model` to give one output an example, as many as it has targets, \[4, 1\], got \[4,2\]/,
      ],
    ];
    for (const [body, message] of wrong)
      await expect(load(body), body).rejects.toMatchObject({
        code: "TASK_INVALID",
        message: expect.stringMatching(message),
      });
  });

  it("refuses options of the optimizer that only look like numbers.", async () => {
    for (const [options, message] of [
      ["{ kind: 'sgd', momentum: '0.9' }", /`optimizer.momentum` to be a number, got string/],
      ["{ kind: 'adam', betas: [0.9] }", /`optimizer.betas` to be two numbers/],
    ] as const)
      await expect(load(`export default { ...task, optimizer: ${options} };`)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(message),
      });
  });

  it("says that there is no such file.", async () => {
    await expect(loadTask(join(folder, "none.mjs"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
