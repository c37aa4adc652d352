import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { differentiate } from "../differentiate.ts";
import { encodeModel } from "../onnx.ts";
import type { Lowering, Node } from "../operator.ts";
import { input, type Shape, type Value } from "../value.ts";
import { multiply } from "./arithmetic.ts";
import { reduceSum } from "./broadcast.ts";
import { conv } from "./conv.ts";
import type { ConvOptions } from "./conv-geometry.ts";

type Row = {
  name: string;
  options: ConvOptions;
  shapes: { x: Shape; weight: Shape; y: Shape };
} & Record<"x" | "weight" | "y" | "dy" | "dx" | "dWeight", number[]> &
  Partial<Record<"bias" | "dBias", number[]>>;

// Made by test/golden/conv.py.
const rows: Row[] = JSON.parse(readFileSync("test/golden/conv.json", "utf8"));

const lowerings = (node: Node) =>
  Object.values(node.operator.lowerings).filter(({ supports }) => supports?.(node, "cpu") ?? true);

/** Runs the graph once for each lowering: every operator takes its first, then its second, ... */
async function runAllLowerings(
  outputs: Record<string, Value>,
  feeds: Record<string, readonly number[]>,
): Promise<Record<string, Float32Array>[]> {
  const results: Record<string, Float32Array>[] = [];
  for (let index = 0, most = 1; index < most; index++) {
    const choose = (node: Node): Lowering<Node["attributes"]> => {
      const ways = lowerings(node);
      most = Math.max(most, ways.length);
      return ways[index % ways.length]!;
    };
    const { model, inputs } = encodeModel(outputs, choose);
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
    const tensors = [...inputs].map(([name, { shape }]) => [
      name,
      new Tensor("float32", Float32Array.from(feeds[name]!), shape),
    ]);
    const fetched = await session.run(Object.fromEntries(tensors));
    results.push(
      Object.fromEntries(Object.entries(fetched).map(([name, { data }]) => [name, data as Float32Array])),
    );
    await session.release();
  }
  return results;
}

/** A convolution, and its gradients for the gradient dy of its output. */
function graphOf(shapes: Row["shapes"], options: ConvOptions, withBias: boolean): Record<string, Value> {
  const x = input("x", shapes.x);
  const weight = input("weight", shapes.weight);
  const bias = input("bias", [shapes.weight[0]!]);
  const y = conv(x, weight, withBias ? { ...options, bias } : options);
  const [dx, dWeight, dBias] = differentiate(reduceSum(multiply(y, input("dy", y.shape))), [x, weight, bias]);
  return { y, dx: dx!, dWeight: dWeight!, ...(dBias && { dBias }) };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  expect(worst).toBeLessThan(tolerance);
}

describe("conv", () => {
  test.each(rows)("agrees with PyTorch, as do its gradients, in every lowering: $name.", async (row) => {
    const outputs = graphOf(row.shapes, row.options, row.bias !== undefined);
    const { x, weight, bias = [], dy } = row;
    for (const result of await runAllLowerings(outputs, { x, weight, bias, dy }))
      for (const name of Object.keys(outputs))
        expectClose(result[name]!, row[name as keyof Row] as number[], 1e-3);
  });

  test("refuses channels that do not fit, and a stride of 0.", () => {
    const x = input("x", [1, 3, 5, 5]);
    expect(() => conv(x, input("w", [4, 2, 3, 3]))).toThrow(
      "Expected x [N, C, ...] and weight [O, C/1, ...kernel]",
    );
    expect(() => conv(x, input("w", [4, 3, 3, 3]), { stride: 0 })).toThrow(
      "Expected `stride` to be an integer ≥ 1, or 2 of them, got [0,0].",
    );
  });
});
