import { beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { excess, type OperatorCase, operatorCases } from "../../test/operator-cases.ts";
import { Engine } from "../engine/index.ts";
import {
  add,
  apply,
  differentiate,
  input,
  matMul,
  type Node,
  type Operator,
  reduceSum,
  type Value,
  vmap,
} from "./index.ts";
import { elements, topologicalOrder } from "./internal.ts";

const members = 3;
let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

/** The tensors by name that a graph is given. */
function inputsOf(outputs: Readonly<Record<string, Value>>): Map<string, Value> {
  const nodes: Node[] = topologicalOrder(Object.values(outputs));
  const all = [...nodes.flatMap((node) => node.inputs), ...Object.values(outputs)];
  return new Map(all.flatMap((value) => (value.source.kind === "input" ? [[value.source.name, value]] : [])));
}

/** The numbers of one member: the row's own, so that they are in the operator's domain, moved on by the member. */
function moved(values: readonly number[], member: number): number[] {
  return values.map((_, i) => values[(i + member) % values.length]!);
}

/** Each input alone, and all of them. */
function choices(names: readonly string[]): string[][] {
  return names.length === 1 ? [[...names]] : [...names.map((name) => [name]), [...names]];
}

async function compareWithMembers({ outputs, feeds }: OperatorCase, own: readonly string[]): Promise<void> {
  const inputs = inputsOf(outputs);
  const replaced = own.flatMap((name) => {
    const value = inputs.get(name);
    return value ? [[value, input(name, [members, ...value.shape], value.dataType)] as const] : [];
  });
  const given = (member: number) =>
    Object.entries(feeds).map(
      ([name, data]) => [name, own.includes(name) ? moved(data, member) : data] as const,
    );
  const each = Array.from({ length: members }, (_, member) => Object.fromEntries(given(member)));
  const together = Object.fromEntries(
    Object.keys(feeds).map((name) => [
      name,
      own.includes(name) ? each.flatMap((numbers) => numbers[name]!) : feeds[name]!,
    ]),
  );
  const all = await evaluate(engine, vmap(outputs, new Map(replaced), members), together);
  for (const [member, numbers] of each.entries()) {
    const alone = await evaluate(engine, outputs, numbers);
    for (const [name, values] of Object.entries(alone)) {
      const share = all[name]!.slice(member * values.length, (member + 1) * values.length);
      expect(excess(share, values, 1e-5), `${name} of member ${member}, own: ${own}`).toBeLessThan(1e-5);
    }
  }
}

describe("vmap", () => {
  it.each(operatorCases)("gives each member what $name and its gradients give it alone", async (row) => {
    for (const own of choices([...inputsOf(row.outputs).keys()])) await compareWithMembers(row, own);
  });

  it("knows every operator of the table: none is refused.", () => {
    const nodes = operatorCases.flatMap(({ outputs }) => topologicalOrder(Object.values(outputs)));
    const operators = new Map(nodes.map(({ operator }) => [operator.name, operator]));
    expect(operators.size).toBeGreaterThan(60);
    expect([...operators.values()].filter(({ batching }) => !batching).map(({ name }) => name)).toEqual([]);
  });

  it("computes once what all members share, and repeats it where it is an output", async () => {
    const [shared, weight] = [input("x", [2]), input("w", [2])];
    const twice = add(shared, shared);
    const outputs = { twice, sum: add(twice, weight) };
    const all = vmap(outputs, new Map([[weight, input("w", [members, 2])]]), members);
    expect(all.twice.shape).toEqual([members, 2]);
    const nodes = topologicalOrder([all.sum]);
    expect(nodes.map(({ outputs: [y] }) => y!.shape)).toEqual([[2], [members, 2]]);
    const given = { x: [1, 2], w: [0, 0, 10, 10, 20, 20] };
    expect((await evaluate(engine, all, given)).sum).toEqual([2, 4, 12, 14, 22, 24]);
  });

  it("gives a graph that can be differentiated, its gradients those of each member", async () => {
    const [x, weight] = [input("x", [2, 3]), input("w", [3, 2])];
    const own = input("w", [members, 3, 2]);
    const { loss } = vmap({ loss: reduceSum(matMul(x, weight)) }, new Map([[weight, own]]), members);
    const [gradient] = differentiate(reduceSum(loss), [own]);
    const numbers = { x: [1, 2, 3, 4, 5, 6], w: Array<number>(members * elements(weight.shape)).fill(1) };
    const { g } = await evaluate(engine, { g: gradient! }, numbers);
    expect(g).toEqual(Array.from({ length: members }, () => [5, 5, 7, 7, 9, 9]).flat());
  });

  it("refuses an operator without a rule by its name", () => {
    const odd: Operator = {
      name: "oddOne",
      infer: ([x]) => [{ shape: x!.shape, dataType: "float32" }],
      lowerings: {},
    };
    const x = input("x", [2]);
    expect(() => vmap({ y: apply(odd, [x], {}) }, new Map([[x, input("x", [3, 2])]]), 3)).toThrow(
      expect.objectContaining({ code: "NO_BATCHING", message: expect.stringContaining("`oddOne`") }),
    );
  });
});
