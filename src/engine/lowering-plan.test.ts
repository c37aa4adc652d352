import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { apply, type Emitter, input, type Operator } from "../graph/index.ts";
import { Engine, type LoweringRecord } from "./index.ts";

const root = await mkdtemp(join(tmpdir(), "mlr-snet-plan-"));
afterAll(() => rm(root, { recursive: true }));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, "cache-"));
});

const adding =
  (amount: number) =>
  (emitter: Emitter, _node: unknown, [x]: readonly string[]) =>
    emitter.node("Add", [x!, emitter.floats([amount])]);
/** An operator whose result tells which way it was written. */
const telling: Operator = {
  name: "telling",
  infer: ([x]) => [{ shape: x!.shape, dataType: "float32" }],
  lowerings: {
    first: { emit: adding(1) },
    second: { emit: adding(2) },
    elsewhere: { supports: (_node, provider) => provider !== "cpu", emit: adding(3) },
  },
};
const key = (size: number) => JSON.stringify(["telling", {}, [[size]]]);

async function used(engine: Engine, operator: Operator = telling, size = 4): Promise<string> {
  const y = apply(operator, [input("x", [size])], {});
  const result = await evaluate(engine, { y }, { x: Array(size).fill(0) });
  return { 1: "first", 2: "second" }[result.y[0]!] ?? "neither";
}

async function edit(change: (text: string) => string): Promise<void> {
  const [file] = await readdir(folder);
  await writeFile(join(folder, file!), change(await readFile(join(folder, file!), "utf8")));
}

describe("the lowering plan", () => {
  test("is measured on first sight of a shape, remembered on disk, and kept to by later engines", async () => {
    const engine = await Engine.create({ planFolder: folder });
    const winner = await used(engine);
    expect(engine.plan.choices).toEqual({ [key(4)]: winner });
    const loser = winner === "first" ? "second" : "first";
    await edit((text) => text.replace(`"${winner}"`, `"${loser}"`));
    const later = await Engine.create({ planFolder: folder });
    expect(await used(later)).toBe(loser);
  });

  test("is measured for each shape, and the file names the runtime, device and threads it holds for", async () => {
    const engine = await Engine.create({ threads: 1, planFolder: folder });
    await used(engine, telling, 4);
    await used(engine, telling, 8);
    const [file] = await readdir(folder);
    const record: LoweringRecord = JSON.parse(await readFile(join(folder, file!), "utf8"));
    expect(record).toEqual(engine.plan);
    expect(Object.keys(record.choices).sort()).toEqual([key(4), key(8)].sort());
    expect(record).toMatchObject({ runtime: engine.version, device: "cpu", threads: 1 });
  });

  test("is measured anew where the remembered one is damaged", async () => {
    await used(await Engine.create({ planFolder: folder }));
    for (const damage of ["{", "[1]", '{"choices": {"a": 1}}', '{"choices": null}']) {
      await edit(() => damage);
      const engine = await Engine.create({ planFolder: folder });
      expect(await used(engine)).toBe(engine.plan.choices[key(4)]);
      expect(await used(await Engine.create({ planFolder: folder }))).toBe(engine.plan.choices[key(4)]);
    }
    const [file] = await readdir(folder);
    expect(JSON.parse(await readFile(join(folder, file!), "utf8")).choices).toHaveProperty([key(4)]);
  });

  test("keeps what other processes remembered meanwhile, and holds to it", async () => {
    const [engine, other] = [
      await Engine.create({ planFolder: folder }),
      await Engine.create({ planFolder: folder }),
    ];
    await used(other, telling, 4);
    await used(other, telling, 8);
    const loser = other.plan.choices[key(4)] === "first" ? "second" : "first";
    await edit((text) => text.replace(other.plan.choices[key(4)]!, loser));
    expect(await used(engine, telling, 4)).toBe(loser);
    const [file] = await readdir(folder);
    const { choices } = JSON.parse(await readFile(join(folder, file!), "utf8"));
    expect(Object.keys(choices).sort()).toEqual([key(4), key(8)].sort());
  });

  test("is every operator's first lowering where nothing can be remembered", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    for (const planFolder of [null, join(file, "below")])
      expect(await used(await Engine.create({ planFolder }))).toBe("first");
  });

  test("leaves out a lowering that the provider refuses", async () => {
    const lowerings = { broken: { emit: () => ["nothing"] }, second: { emit: adding(2) } };
    expect(await used(await Engine.create({ planFolder: folder }), { ...telling, lowerings })).toBe("second");
  });

  test("reports the runtime's reason where the provider refuses every lowering", async () => {
    const lowerings = { broken: { emit: () => ["nothing"] }, worse: { emit: () => ["nothing"] } };
    const engine = await Engine.create({ planFolder: folder });
    await expect(used(engine, { ...telling, lowerings })).rejects.toThrow(
      expect.objectContaining({ code: "ENGINE_FAILED" }),
    );
  });
});

describe("a plan from a checkpoint", () => {
  const recordOf = (engine: Engine, choices: Record<string, string>) => ({ ...engine.plan, choices });

  test("is kept to, and takes the first lowering for shapes that it does not know", async () => {
    const engine = await Engine.create({ threads: 1, planFolder: null });
    const resumed = await Engine.create({ threads: 1, plan: recordOf(engine, { [key(4)]: "second" }) });
    expect(await used(resumed, telling, 4)).toBe("second");
    expect(await used(resumed, telling, 8)).toBe("first");
    expect(resumed.plan.choices).toEqual({ [key(4)]: "second", [key(8)]: "first" });
  });

  test("is refused by an engine of another thread count", async () => {
    const { plan } = await Engine.create({ threads: 1, planFolder: null });
    await expect(Engine.create({ threads: 2, plan })).rejects.toThrow(
      expect.objectContaining({ code: "STATE_MISMATCH" }),
    );
  });
});
