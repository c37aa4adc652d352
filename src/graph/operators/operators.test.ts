import { beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../../test/evaluate.ts";
import { differences, excess, type OperatorCase, operatorCases } from "../../../test/operator-cases.ts";
import { Engine } from "../../engine/index.ts";
import { topologicalOrder } from "../internal.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ threads: 1, planFolder: null });
});

describe.each(operatorCases)("$name", (row) => {
  const { expected } = row;

  test("gives PyTorch's values and gradients, by every lowering", async () => {
    expect(row.outputs.output.shape).toEqual(expected.output.shape);
    for (const lowered of await withEveryLowering(row)) {
      const actual = await evaluate(lowered, row.outputs, row.feeds);
      expect(excess(actual.output!, expected.output.data, 1e-5), "output").toBeLessThan(1e-5);
      for (const [name, gradient] of Object.entries(expected.gradients))
        expect(excess(actual[`d ${name}`] ?? gradient.map(() => 0), gradient, 3e-5), name).toBeLessThan(3e-5);
    }
  });

  if (row.finiteDifferences)
    test("has the gradients that finite differences give", async () => {
      const actual = await evaluate(engine, row.outputs, row.feeds);
      for (const [name, gradient] of Object.entries(await differences(engine, row)))
        expect(excess(actual[`d ${name}`] ?? gradient.map(() => 0), gradient, 5e-3), name).toBeLessThan(5e-3);
    });

  if (row.rejects.length > 0)
    test("refuses shapes that do not fit", () => {
      for (const call of row.rejects)
        expect(call).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
    });
});

/** Engines that write each operator in its first way, its second, and so on. */
async function withEveryLowering(row: OperatorCase): Promise<Engine[]> {
  await (await engine.compile(row.outputs)).release();
  const names = new Map<string, string[]>();
  for (const node of topologicalOrder(Object.values(row.outputs))) {
    const ways = Object.entries(node.operator.lowerings);
    const available = ways.filter(([, { supports }]) => supports?.(node, engine.device) ?? true);
    names.set(
      node.operator.name,
      available.map(([name]) => name),
    );
  }
  const most = Math.max(0, ...[...names.values()].map(({ length }) => length));
  return await Promise.all(
    Array.from({ length: most }, (_, index) => {
      const choices = Object.fromEntries(
        Object.keys(engine.plan.choices).flatMap((key) => {
          const ways = names.get((JSON.parse(key) as [string])[0]);
          return ways ? [[key, ways[index % ways.length]!]] : [];
        }),
      );
      return Engine.create({ threads: 1, plan: { ...engine.plan, choices } });
    }),
  );
}
