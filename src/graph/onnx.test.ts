import { describe, expect, test } from "vitest";
import { parts, texts } from "../../test/read-protobuf.ts";
import { add, input, linear, multiply, scalar, tanh, type Value } from "./index.ts";
import { encodeModel } from "./internal.ts";

/** The nodes of an encoded graph as `Type(inputs) -> outputs`, and the names of its inputs and outputs. */
function read(outputs: Record<string, Value>): { nodes: string[]; inputs: string[]; outputs: string[] } {
  const graph = parts(encodeModel(outputs).model, 7)[0]!;
  const nodes = parts(graph, 1).map(
    (node) => `${texts(node, 4)}(${texts(node, 1).join(", ")}) -> ${texts(node, 2).join(", ")}`,
  );
  const names = (field: number) => parts(graph, field).flatMap((value) => texts(value, 1));
  return { nodes, inputs: names(11), outputs: names(12) };
}

const x = input("x", [2]);

describe("encodeModel", () => {
  test("writes nodes in the order of their use, the last one under the output's name", () => {
    const { nodes } = read({ y: tanh(tanh(x)) });
    expect(nodes).toEqual(["Tanh(x) -> _0", "Tanh(_0) -> y"]);
  });

  test("writes a node that is used twice once, and equal nodes once", () => {
    const { nodes } = read({ y: multiply(add(tanh(x), tanh(x)), tanh(x)) });
    expect(nodes).toEqual(["Tanh(x) -> _0", "Add(_0, _0) -> _1", "Mul(_1, _0) -> y"]);
  });

  test("keeps constants of equal numbers but different shapes apart", () => {
    const { nodes } = read({ y: add(add(x, scalar(1)), add(x, scalar(1))), z: add(x, scalar(2)) });
    expect(nodes).toEqual(["Add(x, _0) -> _1", "Add(_1, _1) -> y", "Add(x, _3) -> z"]);
  });

  test("copies a value that is an output under two names, or that is an input", () => {
    const y = tanh(x);
    const { nodes, outputs } = read({ y, again: y, same: x });
    expect(outputs).toEqual(["y", "again", "same"]);
    expect(nodes).toEqual(["Tanh(x) -> y", "Identity(y) -> again", "Identity(x) -> same"]);
  });

  test("names only the inputs that the outputs depend on", () => {
    const unused = input("unused", [2]);
    tanh(unused);
    expect(read({ y: tanh(x) }).inputs).toEqual(["x"]);
    expect([...encodeModel({ y: tanh(x) }).inputs.keys()]).toEqual(["x"]);
  });

  test("takes two inputs of one name for one tensor, and refuses them where their types differ", () => {
    expect(read({ y: add(input("a", [2]), input("a", [2])) }).inputs).toEqual(["a"]);
    for (const other of [input("a", [1]), input("a", [2], "int32")])
      expect(() => encodeModel({ y: add(input("a", [2]), other) })).toThrow(
        expect.objectContaining({ code: "SHAPE_MISMATCH", message: expect.stringContaining("`a`") }),
      );
  });

  test("makes no name that an input or an output has", () => {
    const [a, b] = [input("_0", [2]), input("_2", [2])];
    const { nodes } = read({ _1: tanh(add(tanh(a), b)), _4: add(add(a, scalar(3)), b) });
    expect(nodes).toEqual([
      "Tanh(_0) -> _3",
      "Add(_3, _2) -> _5",
      "Tanh(_5) -> _1",
      "Add(_0, _7) -> _8",
      "Add(_8, _2) -> _4",
    ]);
  });

  test("refuses an output with an input's name, and a name that is empty", () => {
    for (const outputs of [{ x: tanh(x) }, { x }, { "": tanh(x) }, { y: input("", [2]) }] as Record<
      string,
      Value
    >[])
      expect(() => encodeModel(outputs)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("writes a graph that is deeper than the call stack", () => {
    let y: Value = x;
    for (let depth = 0; depth < 12_000; depth++) y = tanh(y);
    expect(read({ y }).nodes.length).toBe(12_000);
  });

  test("gives the bytes of the same graph again", () => {
    const model = () =>
      encodeModel({ y: linear(input("a", [2, 3]), input("w", [4, 3]), input("b", [4])) }).model;
    expect(model()).toEqual(model());
  });
});
