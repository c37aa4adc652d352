import type { Engine } from "../src/engine/index.ts";
import { allocate } from "../src/engine/internal.ts";
import { constant, differentiate, input, multiply, reduceSum, type Value } from "../src/graph/index.ts";
import { elements } from "../src/graph/internal.ts";
import golden from "./golden/operators.json" with { type: "json" };
import { type OperatorRow, rows } from "./operator-table.ts";

type Tensor = { shape: number[]; data: number[] };
type GoldenRow = {
  inputs: Record<string, Tensor & { dataType: "float32" | "int32" }>;
  output: Tensor;
  gradients: Record<string, number[]>;
};

/** A row of the operator table, built: `outputs` has the operator's `output`, and `d x` for each differentiable input x. */
export type OperatorCase = {
  readonly name: string;
  readonly outputs: Readonly<{ output: Value } & Record<string, Value>>;
  readonly feeds: Readonly<Record<string, readonly number[]>>;
  readonly expected: GoldenRow;
  readonly finiteDifferences: boolean;
  readonly rejects: readonly (() => unknown)[];
};

/** The scalar that is differentiated is the sum of these times the output's elements. */
const weight = (index: number): number => Math.sin(index + 1);

export const operatorCases: readonly OperatorCase[] = Object.entries(rows).map(([name, row]) =>
  build(name, row as OperatorRow, (golden as unknown as Record<string, GoldenRow>)[name]!),
);

function build(name: string, row: OperatorRow, expected: GoldenRow): OperatorCase {
  const inputs = Object.entries(expected.inputs).map(
    ([key, { shape, dataType }]) => [key, input(key, shape, dataType)] as const,
  );
  const output = row.build(Object.fromEntries(inputs));
  const outputs: { output: Value } & Record<string, Value> = { output };
  const targets = inputs.filter(([key]) => key in expected.gradients);
  if (targets.length > 0) {
    const weights = constant(
      Array.from({ length: elements(output.shape) }, (_, i) => weight(i)),
      output.shape,
    );
    const objective = reduceSum(multiply(output, weights));
    const gradients = differentiate(
      objective,
      targets.map(([, value]) => value),
    );
    for (const [index, [key]] of targets.entries()) {
      const gradient = gradients[index];
      if (gradient) outputs[`d ${key}`] = gradient;
    }
  }
  const feeds = Object.fromEntries(Object.entries(expected.inputs).map(([key, { data }]) => [key, data]));
  const { finiteDifferences = targets.length > 0, rejects = [] } = row;
  return { name, outputs, feeds, expected, finiteDifferences, rejects };
}

/** The gradients of a case by central differences, float32: good to three digits away from kinks. */
export async function differences(engine: Engine, row: OperatorCase): Promise<Record<string, number[]>> {
  const step = 2 ** -7;
  const program = await engine.compile({ output: row.outputs.output });
  const buffers = Object.fromEntries([...program.inputs].map(([name, value]) => [name, allocate(value)]));
  for (const [name, buffer] of Object.entries(buffers)) buffer.set(row.feeds[name] as never);
  const { output } = program.allocateOutputs();
  const bound = program.bind(buffers, { output: output! });
  const objective = async () => {
    await bound.run();
    return Array.from(output!, Number).reduce((sum, value, i) => sum + weight(i) * value, 0);
  };
  const gradients: Record<string, number[]> = {};
  for (const name of Object.keys(row.expected.gradients)) {
    const gradient: number[] = [];
    const buffer = buffers[name] as Float32Array;
    for (const [index, at] of buffer.entries()) {
      buffer[index] = at + step;
      const above = await objective();
      buffer[index] = at - step;
      gradient.push((above - (await objective())) / (2 * step));
      buffer[index] = at;
    }
    gradients[name] = gradient;
  }
  await program.release();
  return gradients;
}

/** The largest |a - b| - tolerance |b| over all elements; at most `tolerance` for equal tensors of ordinary size. */
export function excess(actual: readonly number[], expected: readonly number[], tolerance: number): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Math.max(
    ...actual.map((value, i) => {
      const error = Math.abs(value - expected[i]!) - tolerance * Math.abs(expected[i]!);
      return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    }),
  );
}
