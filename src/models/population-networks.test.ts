import { beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { Engine } from "../engine/index.ts";
import {
  type DataType,
  differentiate,
  input,
  multiply,
  reduceSum,
  type Shape,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { type Mode, Scope } from "../nn/index.ts";
import { Random } from "../random.ts";
import { type NetworkSpec, populationNetwork } from "./population-networks.ts";

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
const cases = rows.flatMap((row) =>
  (["none", "batch", "layer"] as const).map((normalization) => ({ ...row, normalization })),
);

describe("populationNetwork", () => {
  it.each(cases)(
    "$family on $dataType $shape, normalization $normalization: has the slope that its gradient says",
    async ({ family, shape, dataType = "float32", normalization }) => {
      const spec = { family, width: 6, depth: 2, activation: "tanh", normalization, classes } as const;
      const build = (mode: Mode) => {
        const scope = new Scope(mode, members);
        return { scope, logits: populationNetwork(spec)(scope, input("x", [batch, ...shape], dataType)) };
      };
      const { scope, logits } = build("train");
      expect(logits.shape).toEqual([members, batch, classes]);
      expect(build("eval").scope.parameters.map(({ name }) => name)).toEqual(
        scope.parameters.map(({ name }) => name),
      );
      const random = new Random(3, family, normalization);
      const draw = (size: number) => Array.from({ length: size }, () => random.normal());
      const feeds: Record<string, number[]> = {
        seed: draw(members * batch * classes),
        x: draw(batch * elements(shape)).map((value) =>
          dataType === "int32" ? Math.floor(Math.abs(9 * value)) : value,
        ),
      };
      const directions: Record<string, number[]> = {};
      for (const { name, shape: weight } of scope.parameters) {
        feeds[`w.${name}`] = draw(elements(weight)).map((value) => 0.4 * value);
        directions[name] = draw(elements(weight));
      }
      const output = reduceSum(multiply(logits, input("seed", logits.shape)), [1, 2]);
      const gradients = differentiate(
        reduceSum(output),
        scope.parameters.map(({ value }) => value),
      );
      const outputs: Record<string, Value> = {};
      for (const [index, { name }] of scope.parameters.entries()) outputs[name] = gradients[index]!;
      const slopes = Array<number>(members).fill(0);
      for (const [name, values] of Object.entries(await evaluate(engine, outputs, feeds)))
        for (const [i, value] of values.entries())
          slopes[Math.floor((i * members) / values.length)]! += value * directions[name]![i]!;
      const h = 2e-3;
      const moved = async (sign: number) => {
        const weights = Object.entries(directions).map(([name, direction]) => [
          `w.${name}`,
          feeds[`w.${name}`]!.map((value, i) => value + sign * h * direction[i]!),
        ]);
        return (await evaluate(engine, { output }, { ...feeds, ...Object.fromEntries(weights) })).output;
      };
      const [above, below] = [await moved(1), await moved(-1)];
      for (const [member, slope] of slopes.entries()) {
        const measured = (above[member]! - below[member]!) / (2 * h);
        expect(Math.abs(measured - slope), `${slope} and ${measured}`).toBeLessThan(
          0.02 * (1 + Math.abs(slope)),
        );
      }
    },
  );

  it.each(["relu", "gelu"] as const)("knows the activation %s", async (activation) => {
    const spec = {
      family: "mlp",
      width: 1,
      depth: 1,
      activation,
      normalization: "none",
      classes: 1,
    } as const;
    const y = populationNetwork(spec)(new Scope("train", 2), input("x", [2, 1]));
    const one = [1, 1];
    const zero = [0, 0];
    const weights = {
      "w.hidden1.weight": one,
      "w.hidden1.bias": zero,
      "w.linear.weight": [1, 2],
      "w.linear.bias": zero,
    };
    const results = await evaluate(engine, { y }, { x: [1, -1], ...weights });
    const [positive, negative] = { relu: [1, 0], gelu: [0.841192, -0.158808] }[activation] as [
      number,
      number,
    ];
    for (const [i, expected] of [positive, negative, 2 * positive, 2 * negative].entries())
      expect(results.y[i]).toBeCloseTo(expected, 4);
  });
});
