import { beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { excess } from "../../test/operator-cases.ts";
import { Engine } from "../engine/index.ts";
import {
  type DataType,
  differentiate,
  input,
  multiply,
  reduceSum,
  reshapeTo,
  type Shape,
  transpose,
  type Value,
  vmap,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { type Mode, Scope } from "../nn/index.ts";
import { Random } from "../random.ts";
import { drawnNetwork, type NetworkSpec } from "./drawn-networks.ts";
import { populationNetwork } from "./population-networks.ts";

const [members, batch, classes] = [3, 4, 5];
let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

type Row = { family: NetworkSpec["family"]; shape: Shape; dataType?: DataType };
const rows: Row[] = [
  { family: "linear", shape: [12] },
  { family: "mlp", shape: [12] },
  { family: "residual-mlp", shape: [12] },
  { family: "conv1d", shape: [20] },
  { family: "conv2d", shape: [8, 8, 2] },
  { family: "gru", shape: [20] },
  { family: "gru", shape: [6], dataType: "int32" },
  { family: "attention", shape: [20] },
  { family: "attention", shape: [6], dataType: "int32" },
  { family: "bag", shape: [6], dataType: "int32" },
];
const activations = { none: "relu", batch: "tanh", layer: "gelu" } as const;
const cases = rows.flatMap((row) =>
  (["none", "batch", "layer"] as const).map((normalization) => ({ ...row, normalization })),
);

/** Logits [members, batch, classes], the next statistics, and the gradients of `seed` times the logits, all by name. */
function outputsOf(
  logits: Value,
  parameters: readonly { name: string; value: Value }[],
  statistics: readonly { name: string; next: Value }[],
): Record<string, Value> {
  const objective = reduceSum(multiply(logits, input("seed", logits.shape)));
  const gradients = differentiate(
    objective,
    parameters.map(({ value }) => value),
  );
  return {
    logits,
    ...Object.fromEntries(parameters.map(({ name }, index) => [`d.${name}`, gradients[index]!])),
    ...Object.fromEntries(statistics.map(({ name, next }) => [`next.${name}`, next])),
  };
}

/** The population by the batching rules; kernels of convolutions are given and asked for with the channels last, as by hand. */
function byRules(spec: NetworkSpec, mode: Mode, x: Value): Record<string, Value> {
  const scope = new Scope(mode);
  const logits = drawnNetwork(spec)(scope, x);
  const own = new Map<Value, Value>();
  const parameters = scope.parameters.map(({ name, shape, value }) => {
    if (!/^conv\d\.weight$/.test(name)) {
      const all = input(`w.${name}`, [members, ...shape]);
      own.set(value, all);
      return { name, value: all };
    }
    const [outputs, channels, ...kernel] = shape as [number, number, ...number[]];
    const flat = input(`w.${name}`, [members, outputs, channels * elements(kernel)]);
    const last = reshapeTo(flat, [members, outputs, ...kernel, channels]);
    own.set(value, transpose(last, [0, 1, kernel.length + 2, ...kernel.map((_, axis) => axis + 2)]));
    return { name, value: flat };
  });
  for (const { name, shape, value } of scope.statistics)
    own.set(value, input(`s.${name}`, [members, ...shape]));
  const next = Object.fromEntries(scope.statistics.map(({ name, next: value }) => [name, value]));
  const all = vmap<string>({ logits, ...next }, own, members);
  const statistics = scope.statistics.map(({ name }) => ({ name, next: all[name]! }));
  return outputsOf(all.logits!, parameters, statistics);
}

function byHand(spec: NetworkSpec, mode: Mode, x: Value): Record<string, Value> {
  const scope = new Scope(mode, members);
  const logits = populationNetwork(spec)(scope, x);
  return outputsOf(logits, scope.parameters, scope.statistics);
}

describe("populationNetwork", () => {
  it.each(cases)(
    "$family on $dataType $shape, normalization $normalization: is the drawn network by the batching rules, its gradients too.",
    async ({ family, shape, dataType = "float32", normalization }) => {
      const activation = activations[normalization];
      const spec = { family, width: 6, depth: 2, activation, normalization, classes } as const;
      for (const mode of ["train", "eval"] as const) {
        const x = input("x", [batch, ...shape], dataType);
        const [hand, rules] = [byHand(spec, mode, x), byRules(spec, mode, x)];
        expect(hand.logits!.shape).toEqual([members, batch, classes]);
        expect(Object.keys(rules).sort()).toEqual(Object.keys(hand).sort());
        const random = new Random(3, family, normalization);
        const feeds: Record<string, number[]> = {};
        for (const [name, { shape: sizes }] of (await engine.compile(hand)).inputs)
          feeds[name] = Array.from({ length: elements(sizes) }, () => {
            const value = random.normal();
            if (name === "x" && dataType === "int32") return Math.floor(Math.abs(9 * value)) % 32;
            return name.startsWith("s.") ? 0.5 + value ** 2 : name.startsWith("w.") ? 0.4 * value : value;
          });
        const [expected, got] = [await evaluate(engine, rules, feeds), await evaluate(engine, hand, feeds)];
        for (const [name, values] of Object.entries(expected)) {
          const largest = Math.max(...values.map(Math.abs));
          expect(excess(got[name]!, values, 1e-4), `${name}, ${mode}`).toBeLessThan(3e-5 * (1 + largest));
        }
      }
    },
  );
});
