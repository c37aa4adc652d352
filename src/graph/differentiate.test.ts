import { describe, expect, test } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { Engine } from "../engine/index.ts";
import {
  add,
  argMax,
  cast,
  differentiate,
  input,
  linear,
  multiply,
  reduceMean,
  reduceSum,
  scalar,
  square,
  subtract,
  tanh,
  type Value,
} from "./index.ts";
import { topologicalOrder } from "./internal.ts";

const engine = await Engine.create({ threads: 1, planFolder: null });

describe("differentiate", () => {
  test("gives the gradient of a least-squares loss that is worked out by hand", async () => {
    // One example x = [1, 2], w = [[3, 4]], b = [5], target 10: error 16 - 10 = 6, loss 36, dL/db = 12, dL/dw = 12 x.
    const [x, w, b] = [input("x", [1, 2]), input("w", [1, 2]), input("b", [1])];
    const loss = reduceMean(square(subtract(linear(x, w, b), scalar(10))));
    const [dx, dw, db] = differentiate(loss, [x, w, b]);
    const feeds = { x: [1, 2], w: [3, 4], b: [5] };
    const results = await evaluate(engine, { loss, dx: dx!, dw: dw!, db: db! }, feeds);
    expect(results).toEqual({ loss: [36], dx: [36, 48], dw: [12, 24], db: [12] });
  });

  test("adds up what flows back over several paths", async () => {
    // y = (x + x^2) x^2 = x^3 + x^4, dy/dx = 3 x^2 + 4 x^3.
    const x = input("x", []);
    const squared = multiply(x, x);
    const [dx] = differentiate(multiply(add(x, squared), squared), [x]);
    expect(await evaluate(engine, { dx: dx! }, { x: [2] })).toEqual({ dx: [44] });
  });

  test("gives the gradient with respect to a value in the middle, and the output itself", async () => {
    const x = input("x", []);
    const middle = multiply(x, 3);
    const y = multiply(middle, middle);
    const [dMiddle, dy] = differentiate(y, [middle, y]);
    const results = await evaluate(engine, { dMiddle: dMiddle!, dy: dy! }, { x: [2] });
    expect(results).toEqual({ dMiddle: [12], dy: [1] });
  });

  test("gives gradients that can be differentiated again", async () => {
    const x = input("x", []);
    const [first] = differentiate(multiply(multiply(x, x), x), [x]);
    const [second] = differentiate(first!, [x]);
    expect(await evaluate(engine, { second: second! }, { x: [2] })).toEqual({ second: [12] });
  });

  test("gives undefined for a target that the scalar does not depend on", () => {
    const [x, unused] = [input("x", []), input("unused", [])];
    const [dx, nothing] = differentiate(tanh(x), [x, unused]);
    expect(dx).toBeDefined();
    expect(nothing).toBeUndefined();
  });

  test("refuses an output that is no scalar", () => {
    const x = input("x", [2]);
    expect(() => differentiate(x, [x])).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
  });

  test("refuses an operator without gradient on the path to a target, and ignores it elsewhere", () => {
    const [x, w] = [input("x", [3]), input("w", [])];
    const y = multiply(cast(argMax(x), "float32"), w);
    expect(() => differentiate(y, [x])).toThrow(expect.objectContaining({ code: "NO_GRADIENT" }));
    expect(differentiate(y, [w])[0]).toBeDefined();
  });

  test("builds no node for inputs that need no gradient", () => {
    const [x, w] = [input("x", [4, 3]), input("w", [2, 3])];
    const loss = reduceSum(linear(x, w, input("b", [2])));
    const nodes = topologicalOrder(differentiate(loss, [w]) as Value[]);
    expect(nodes.filter(({ operator }) => operator.name === "matMul").length).toBe(1);
  });
});
