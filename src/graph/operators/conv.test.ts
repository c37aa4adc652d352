import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { channelBlock } from "../../engine/index.ts";
import { loadRuntime } from "../../engine/internal.ts";
import { Random } from "../../random.ts";
import { differentiate } from "../differentiate.ts";
import { encodeModel } from "../onnx.ts";
import type { Lowering, Node } from "../operator.ts";
import { elements, input, type Shape, type Value } from "../value.ts";
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

const blockHere = await channelBlock(await loadRuntime());
const lowerings = (node: Node) =>
  Object.values(node.operator.lowerings).filter(
    (way) => (way.channelBlock ?? blockHere) === blockHere && (way.supports?.(node, "cpu") ?? true),
  );

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
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
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

  const wide: [name: string, x: Shape, weight: Shape, options: ConvOptions][] = [
    ["3 to 16 channels", [16, 3, 8, 8], [16, 3, 3, 3], { padding: 1 }],
    ["16 to 32 channels, stride 2", [16, 16, 8, 8], [32, 16, 3, 3], { stride: 2, padding: 1 }],
    ["32 to 16 channels, odd sizes", [16, 32, 7, 5], [16, 32, 3, 3], { stride: 2, padding: 1 }],
    ["32 to 32 channels, stride 1", [16, 32, 6, 5], [32, 32, 3, 3], { padding: 1 }],
    ["16 to 48 channels, 1x1, stride 2", [16, 16, 6, 8], [48, 16, 1, 1], { stride: 2 }],
    ["16 to 16 channels, 5x5, stride 3", [16, 16, 11, 9], [16, 16, 5, 5], { stride: 3, padding: 2 }],
    ["16 to 32 channels, dilation 2", [16, 16, 8, 8], [32, 16, 3, 3], { dilation: 2, padding: 2 }],
    ["32 to 32 channels in 2 groups", [16, 32, 6, 6], [32, 16, 3, 3], { groups: 2, padding: 1 }],
    ["depthwise, 32 channels", [16, 32, 6, 6], [32, 1, 3, 3], { groups: 32, padding: 1 }],
    [
      "depthwise, 32 channels, stride 2",
      [16, 32, 6, 6],
      [32, 1, 3, 3],
      { groups: 32, stride: 2, padding: 1 },
    ],
  ];

  test.each(wide)(
    "has the same values and gradients in every lowering: %s.",
    async (name, x, weight, options) => {
      const random = new Random(0, name);
      const normals = (shape: Shape) => Array.from({ length: elements(shape) }, () => random.normal());
      const y = conv(input("x", x), input("weight", weight), options).shape;
      const feeds = { x: normals(x), weight: normals(weight), bias: normals([weight[0]!]), dy: normals(y) };
      const [first, ...others] = await runAllLowerings(graphOf({ x, weight, y }, options, true), feeds);
      for (const other of others)
        for (const [output, values] of Object.entries(first!)) expectClose(other[output]!, values, 2e-4);
    },
  );

  test("refuses channels that do not fit, and a stride of 0.", () => {
    const x = input("x", [1, 3, 5, 5]);
    expect(() => conv(x, input("w", [4, 2, 3, 3]))).toThrow(
      "Expected x [N, C, ...] and weight [O, C/1, ...kernel]",
    );
    expect(() => conv(x, input("w", [4, 3, 3, 3]), { stride: 0 })).toThrow(
      "Expected `stride` to be an integer ≥ 1, or 2 of them, got 0.",
    );
  });
});
