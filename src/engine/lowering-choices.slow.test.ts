import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { apply, type Emitter, input, type Operator } from "../graph/index.ts";
import { Engine, type LoweringRecord, type Runtime } from "./index.ts";
import { loadRuntime } from "./internal.ts";

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

/** The records that the plan's file holds, one a line. */
async function remembered(): Promise<LoweringRecord[]> {
  const [file] = await readdir(folder);
  const lines = (await readFile(join(folder, file!), "utf8")).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
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
    const records = await remembered();
    expect(records.map(({ choices }) => Object.keys(choices))).toEqual([[key(4)], [key(8)]]);
    expect({ ...records[0], choices: { ...records[0]!.choices, ...records[1]!.choices } }).toEqual(
      engine.plan,
    );
    expect(engine.plan).toMatchObject({ runtime: engine.version, device: "cpu", threads: 1 });
  });

  test("is told to be damaged once, keeps its whole lines, and is measured anew for the others", async () => {
    const whole = { ...(await Engine.create({ planFolder: folder })).plan, choices: { [key(4)]: "second" } };
    const good = JSON.stringify(whole);
    for (const damage of [
      "{",
      "[1]",
      '{"choices": {"a": 1}}',
      '{"choices": null}',
      '{"choices": ["a"]}',
      '{"choices": "a"}',
      good.slice(0, -5),
      "\0\0\0\0\n\0\0",
    ]) {
      await edit(() => `\n${good}\n\n${damage}`);
      const notices: string[] = [];
      const onNotice = (text: string) => notices.push(text);
      const engine = await Engine.create({ planFolder: folder, onNotice });
      expect(notices).toEqual([expect.stringMatching(/lowering-.*was damaged in [12] of its lines/)]);
      expect(await used(engine, telling, 4)).toBe("second");
      const winner = await used(engine, telling, 8);
      const later = await Engine.create({ planFolder: folder, onNotice });
      expect(await used(later, telling, 4)).toBe("second");
      expect(await used(later, telling, 8)).toBe(winner);
      expect(notices.length).toBe(1);
      expect((await remembered()).map(({ choices }) => choices)).toEqual([
        { [key(4)]: "second" },
        { [key(8)]: winner },
      ]);
    }
  });

  test("is the same for all of many engines that measure at once, and nothing is lost", async () => {
    const sizes = [4, 5, 6, 7, 8, 9];
    const engines = await Promise.all(sizes.map(() => Engine.create({ threads: 1, planFolder: folder })));
    // Each begins with another shape; within an engine too, several graphs are compiled at once.
    await Promise.all(
      engines.flatMap((engine, turn) =>
        [...sizes.slice(turn), ...sizes.slice(0, turn)].map((size) => used(engine, telling, size)),
      ),
    );
    const later = await Engine.create({ threads: 1, planFolder: folder });
    const answers = (engine: Engine) => Promise.all(sizes.map((size) => used(engine, telling, size)));
    const expected = await answers(later);
    for (const engine of engines) expect(await answers(engine)).toEqual(expected);
    for (const engine of engines) expect(engine.plan).toEqual(later.plan);
    expect(Object.keys(later.plan.choices).sort()).toEqual(sizes.map(key).sort());
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
    const keys = (await remembered()).flatMap(({ choices }) => Object.keys(choices));
    expect(keys.sort()).toEqual([key(4), key(8)].sort());
  });

  test("is every operator's first lowering where nothing can be remembered, which is said", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    const notices: string[] = [];
    const onNotice = (text: string) => notices.push(text);
    expect(await used(await Engine.create({ planFolder: null, onNotice }))).toBe("first");
    expect(notices).toEqual([]);
    const closed = [
      join(file, "below"),
      ...(process.platform === "linux" ? ["/proc/mlr-snet", "/dev/null/x"] : []),
    ];
    for (const planFolder of closed)
      expect(await used(await Engine.create({ planFolder, onNotice }))).toBe("first");
    expect(notices.length).toBe(closed.length);
    for (const notice of notices) expect(notice).toMatch(/^Lowerings are not measured.*XDG_CACHE_HOME/);
  });

  test.skipIf(process.platform !== "linux")("does not wait for a pipe in the file's place", async () => {
    await Engine.create({ threads: 1, planFolder: folder });
    const [file] = await readdir(folder);
    await rm(join(folder, file!));
    execFileSync("mkfifo", [join(folder, file!)]);
    const notices: string[] = [];
    const engine = await Engine.create({
      threads: 1,
      planFolder: folder,
      onNotice: (text) => notices.push(text),
    });
    expect(await used(engine)).toBe("first");
    expect(notices).toEqual([expect.stringContaining("no file")]);
  });

  test("takes the first lowering where a measured one can no longer be remembered", async () => {
    const notices: string[] = [];
    const engine = await Engine.create({ planFolder: folder, onNotice: (text) => notices.push(text) });
    await rm(folder, { recursive: true });
    await writeFile(folder, "");
    expect(await used(engine)).toBe("first");
    expect(engine.plan.choices).toEqual({ [key(4)]: "first" });
    expect(notices).toEqual([expect.stringMatching(/no longer measured/)]);
    await rm(folder);
  });

  test("leaves out a lowering that the provider refuses", async () => {
    const lowerings = { broken: { emit: () => ["nothing"] }, second: { emit: adding(2) } };
    expect(await used(await Engine.create({ planFolder: folder }), { ...telling, lowerings })).toBe("second");
  });

  test("leaves out, frees and reports a lowering that compiles but fails to run", async () => {
    const runtime = await loadRuntime();
    let open = 0;
    const counting: Runtime = {
      ...runtime,
      Tensor: runtime.Tensor,
      env: runtime.env,
      InferenceSession: {
        async create(model, options) {
          const session = await runtime.InferenceSession.create(model, options);
          open++;
          return {
            run: (feeds, fetches) => session.run(feeds, fetches),
            async release() {
              open--;
              await session.release();
            },
          };
        },
      },
    };
    // Its index lies outside of x, which shows only when it runs.
    const failing = (emitter: Emitter, _node: unknown, [x]: readonly string[]) => {
      const far = emitter.node("Add", [x!, emitter.floats([1e6])]);
      const index = emitter.node("Cast", [far[0]!], { to: 7 });
      return emitter.node("Gather", [x!, index[0]!], { axis: 0 });
    };
    const notices: string[] = [];
    const onNotice = (text: string) => notices.push(text);
    const engine = await Engine.create({ runtime: counting, planFolder: folder, onNotice });
    expect(open).toBe(0);
    const operator = { ...telling, lowerings: { failing: { emit: failing }, second: { emit: adding(2) } } };
    expect(await used(engine, operator)).toBe("second");
    expect(engine.plan.choices).toEqual({ [key(4)]: "second" });
    expect(notices).toEqual([expect.stringMatching(/`failing` of telling compiles and does not run here/)]);
    expect(open).toBe(0);
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
