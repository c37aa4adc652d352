import { readFileSync } from "node:fs";
import { transformWithOxc } from "vite";
import { describe, expect, it } from "vitest";
import { type Batch as ExampleBatch, gradients, type Optimizer, train } from "../examples/own-loop.ts";

/** Where a batch is spoiled: lone, in the middle; and so many in a row that the run must go back. */
const lone = [200];
const lasting = [250, 251, 252];
const length = 400;

type Statistics = { mean: number; variance: number };
type Batch = { x: number; y: number }[];

/** What a loop left behind, and what it was seen to do. */
type Trained = {
  weights: readonly number[];
  /** The weights that each batch was given. */
  seen: readonly (readonly number[])[];
  /** Those of the last step. */
  statistics: Statistics;
  /** The optimizer's own count, where the loop has one. */
  updates: number | undefined;
};

/** The `ts` blocks of a page, without their imports, as the tests of the pages run them. */
function blocksOf(page: string): string[] {
  const text = readFileSync(new URL(`../${page}`, import.meta.url), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) =>
    block!.replaceAll(/^import (\{[^}]*\}) from ("[^"]+");$/gm, "const $1 = await load($2);"),
  );
}

/**
 * y = 0.5 + 2 (x - 3) / 2 from batches of 16, by a network that normalises x over the batch, as batch normalisation does,
 * with batches at `spoiled` that hold a NaN. `drawn`: which numbers a step is given, by default its own.
 */
function batchesWith(spoiled: readonly number[], drawn = (step: number): number => step): Batch[] {
  return Array.from({ length }, (_, step) =>
    Array.from({ length: 16 }, (_, row) => {
      const z = Math.sqrt(2) * Math.sin(37 * (16 * drawn(step) + row));
      const isSpoiled = spoiled.includes(step) && row === 3;
      return { x: isSpoiled ? Number.NaN : 3 + 2 * z, y: 0.5 + 2 * z };
    }),
  );
}

/** Runs a loop of a page with what the page leaves to its reader. */
async function runLoop(block: string, batches: Batch[]): Promise<Trained> {
  const weights = [0, 0];
  const seen: number[][] = [];
  let latest: Statistics = { mean: 0, variance: 1 };
  const lossAndGradient = (w: number[], batch: Batch, statistics: Statistics = latest) => {
    seen.push([...w]);
    latest = statistics;
    const mean = batch.reduce((sum, { x }) => sum + x, 0) / batch.length;
    const variance = batch.reduce((sum, { x }) => sum + (x - mean) ** 2, 0) / batch.length;
    let loss = 0;
    const gradient = [0, 0];
    for (const { x, y } of batch) {
      const z = (x - mean) / Math.sqrt(variance);
      const error = w[0]! + w[1]! * z - y;
      loss += error ** 2 / 2 / batch.length;
      gradient[0]! += error / batch.length;
      gradient[1]! += (error * z) / batch.length;
    }
    const moved = {
      mean: 0.9 * statistics.mean + 0.1 * mean,
      variance: 0.9 * statistics.variance + 0.1 * variance,
    };
    return { loss, gradient, direction: gradient, moved };
  };
  const scope = {
    weights,
    batches,
    gradients: lossAndGradient,
    load: (name: string) => import(name),
  };
  const end = `return { weights, updates: typeof optimizer === "undefined" ? undefined : optimizer.updates };`;
  const body = `export async function run(${Object.keys(scope)}) {\n${block}\n${end}\n}`;
  const plain = (await transformWithOxc(body, "loop.ts")).code.replace("export ", "return ");
  const left = await new Function(plain)()(...Object.values(scope));
  return { ...left, seen, statistics: latest };
}

/** Steps after which the weights were as before them. */
function stepsLost(seen: readonly (readonly number[])[]): number[] {
  const same = (step: number) => seen[step]!.every((w, k) => w === seen[step + 1]![k]);
  return [...seen.slice(1).keys()].filter(same);
}

const [momentum, adam] = blocksOf("docs/guard.md");
const [first] = blocksOf("README.md");
/** Plain SGD is momentum 0. */
const withoutMomentum = (block: string): string =>
  block.replace("const momentum = 0.9;", "const momentum = 0;");
const loops: { title: string; block: string; lossAtEnd: number }[] = [
  { title: "README.md", block: first!, lossAtEnd: 0.1 },
  { title: "docs/guard.md, SGD", block: withoutMomentum(momentum!), lossAtEnd: 0.1 },
  { title: "docs/guard.md, momentum", block: momentum!, lossAtEnd: 0.1 },
  // 400 updates of Adam move a weight by 1 to 2, and it begins at a loss of 2.1.
  { title: "docs/guard.md, Adam", block: adam!, lossAtEnd: 0.3 },
];

describe("the loops that the pages show", () => {
  const lossOf = (w: readonly number[]) => ((w[0]! - 0.5) ** 2 + (w[1]! - 2) ** 2) / 2;

  it("are with momentum and with Adam, and give the runner their two functions.", () => {
    expect(withoutMomentum(momentum!)).not.toBe(momentum);
    for (const part of ["snapshot:", "rollback:", "applies", "statistics", "updates"])
      for (const block of [momentum, adam]) expect(block).toContain(part);
  });

  it.each(loops)("lose one step and nothing else to a lone NaN ($title).", async ({ block, lossAtEnd }) => {
    const { weights, seen, statistics, updates = length - 1 } = await runLoop(block, batchesWith(lone));
    expect(seen).toHaveLength(length);
    expect(stepsLost(seen)).toEqual(lone);
    expect(updates).toBe(length - 1);
    expect(lossOf(weights)).toBeLessThan(lossAtEnd);
    expect(Number.isFinite(statistics.mean + statistics.variance)).toBe(true);
  });

  it.each(loops)(
    "go back to their last copy, whole, where NaNs last ($title).",
    async ({ block, lossAtEnd }) => {
      const { weights, seen, statistics, updates } = await runLoop(block, batchesWith(lasting));
      const [, second, third] = lasting;
      expect(stepsLost(seen)).toEqual(lasting.slice(0, 2));
      expect(seen[second!]).toEqual(seen[third!]);
      // Copies are a hundred steps apart: the newest is from before step 200.
      expect(seen[third! + 1]).toEqual(seen[200]);
      if (updates !== undefined) expect(updates).toBe(200 + length - (third! + 1));
      expect(lossOf(weights)).toBeLessThan(lossAtEnd);
      expect(Number.isFinite(statistics.mean + statistics.variance)).toBe(true);
    },
  );

  it.each(loops.slice(2))(
    "go on from a copy with the optimizer's state of the copy ($title).",
    async ({ block }) => {
      // What followed the copy follows again: the direction is the same, whatever the rate.
      const again = await runLoop(
        block,
        batchesWith(lasting, (step) => (step < 253 ? step : step - 53)),
      );
      const straight = await runLoop(block, batchesWith([]));
      const moves = (seen: Trained["seen"], step: number) =>
        seen[step + 1]!.map((w, k) => w - seen[step]![k]!);
      const [x, y] = moves(straight.seen, 200);
      const [ownX, ownY] = moves(again.seen, 253);
      expect(ownX).not.toBe(0);
      expect(ownY! / y!).toBeCloseTo(ownX! / x!, 6);
    },
  );
});

describe("examples/own-loop.ts", () => {
  const spoiledAt = (steps: readonly number[]): typeof gradients => {
    let step = 0;
    return (w: readonly number[], batch: ExampleBatch) => {
      const { loss, gradient } = gradients(w, batch);
      return steps.includes(step++)
        ? { loss: Number.NaN, gradient: gradient.map(() => Number.NaN) }
        : { loss, gradient };
    };
  };

  it.each<[Optimizer, number]>([
    ["sgd", 0.45],
    ["momentum", 0.45],
    ["adam", 0.5],
  ])(
    "loses one step and nothing else to a lone NaN, and goes back where NaNs last (%s).",
    async (optimizer, most) => {
      const spared = await train("zoo:default", optimizer, spoiledAt([150]));
      expect(spared.updates).toBe(299);
      const back = await train("zoo:default", optimizer, spoiledAt([150, 151, 152]));
      expect(back.updates).toBe(300 - 53);
      for (const { weights, losses } of [spared, back]) {
        expect(weights.every(Number.isFinite)).toBe(true);
        expect(losses.at(-1)).toBeLessThan(most);
      }
    },
  );
});
