import { describe, expect, it } from "vitest";
import { expectOurs, strangeArguments } from "../../test/strange-arguments.ts";
import * as graph from "./index.ts";

function nodeOf({ source }: graph.Value): graph.Node {
  if (source.kind !== "node") throw new Error(source.kind);
  return source.node;
}

describe("the functions that models are written in", () => {
  /** What works on whole graphs, or on numbers, and is not called in a model. */
  const others = ["differentiate", "scalar"];
  const operators = Object.entries(
    graph as unknown as Record<string, (...args: unknown[]) => unknown>,
  ).filter(([name]) => !others.includes(name));

  it.each(operators)(
    "%s answers arguments of any kind with tensors or one line of ours",
    (name, operator) => {
      for (const first of strangeArguments) {
        expectOurs(name, operator, [first]);
        for (const second of strangeArguments) {
          expectOurs(name, operator, [first, second]);
          for (const third of [null, [1, 2]]) expectOurs(name, operator, [first, second, third]);
        }
      }
    },
  );

  it("apply: an operator of a user's own is asked for its inputs and attributes in one line too", () => {
    const { operator } = nodeOf(graph.relu(graph.input("x", [2])));
    for (const inputs of strangeArguments) {
      expectOurs("apply", graph.apply as never, [operator, inputs, {}]);
      expectOurs("apply", graph.apply as never, [operator, [inputs], {}]);
    }
    for (const attributes of strangeArguments)
      expectOurs("apply", graph.apply as never, [operator, [graph.input("x", [2])], attributes]);
  });

  it("say the operator, expected and given", () => {
    const [x, y] = [graph.input("x", [2, 3]), graph.input("y", [2, 4])];
    expect(() => graph.add(x, y)).toThrow(
      "Operator `add`: Expected shapes that broadcast, got [2,3] and [2,4].",
    );
    expect(() => graph.relu(undefined as never)).toThrow(
      "Expected `relu` to be given a tensor, got undefined.",
    );
    expect(() => graph.apply(undefined as never, [x], {})).toThrow(
      "Expected an operator, `{ name, infer, lowerings, … }`, got undefined.",
    );
    expect(() => graph.apply(nodeOf(graph.relu(x)).operator, x as never, {})).toThrow(
      "Expected the inputs of `relu` in a list, got",
    );
    expect(() => graph.softmax("x" as never)).toThrow('Expected `softmax` to be given a tensor, got "x".');
  });
});
