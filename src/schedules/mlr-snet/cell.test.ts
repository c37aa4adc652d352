import { describe, expect, it } from "vitest";
import golden from "../../../test/golden/mlr-snet-legacy.json" with { type: "json" };
import plainGolden from "../../../test/golden/plain-lstm.json" with { type: "json" };
import { Random } from "../../random.ts";
import { FastCell } from "./cell.fast.ts";
import { backward, emptyMemory, forward, type Memory } from "./cell.ts";
import type { CellConfig, Gate } from "./config.ts";
import { initialiseParameters } from "./initialise.ts";
import { parameterCount, parameterLayout } from "./parameters.ts";
import { presets } from "./presets.ts";
import { importPyTorch } from "./pytorch-import.ts";

/** The cell of plain-lstm.py. */
const plain: CellConfig = { ...presets.transfer, hidden: 3, inputs: ["log-loss", "trend"] };
const small: CellConfig = { ...presets["image-meta-train"], hidden: 3, middle: 4 };

describe("forward", () => {
  it("gives the numbers worked out by hand for a cell of one unit", () => {
    // a_i = x/2 + r, a_f = x - 1 + r, a_o = x + r, a_g = 1/4 - x + r, where r = relu(-2 h_{t-1}); z = 2h - 0.1
    const cell: CellConfig = { ...small, hidden: 1, middle: 1 };
    const i2h = [1, 0, 0.5, 1, 1, -1, 0, -1, 0, 0.25];
    const h2h = [-2, 0, 1, 1, 1, 1, 0, 0, 0, 0];
    const theta = Float64Array.of(...i2h, ...h2h, 2, -0.1);
    const first = forward(cell, theta, [0.5], emptyMemory(cell));
    expect(first.memory.c[0]![0]).toBeCloseTo(-0.13768751663174728, 14);
    expect(first.memory.h[0]![0]).toBeCloseTo(-0.08516736174220003, 14);
    expect(first.p).toBeCloseTo(0.4328249227532747, 14);
    const second = forward(cell, theta, [1], first.memory);
    expect(second.memory.c[0]![0]).toBeCloseTo(-0.38744090636421374, 14);
    expect(second.p).toBeCloseTo(0.3399588448318546, 14);
  });

  it("equals PyTorch on a network of two layers", () => {
    const { cell, theta } = importPyTorch(Buffer.from(golden.checkpoint, "base64"));
    let memory = emptyMemory(cell);
    for (const [step, loss] of golden.losses.entries()) {
      const tape = forward(cell, theta, [loss], memory);
      memory = tape.memory;
      expect(tape.p).toBeCloseTo(golden.p[step]!, 13);
    }
  });

  it("equals PyTorch's LSTMCell without a middle layer, with tanh at the end for the integrating output", () => {
    let memory = emptyMemory(plain);
    for (const [step, inputs] of plainGolden.inputs.entries()) {
      const tape = forward(plain, Float64Array.from(plainGolden.theta), inputs, memory);
      memory = tape.memory;
      expect(tape.p).toBeCloseTo(plainGolden.p[step]!, 13);
    }
  });
});

describe("backward", () => {
  it("equals PyTorch's gradient of the last step on a network of two layers", () => {
    const { cell, theta } = importPyTorch(Buffer.from(golden.checkpoint, "base64"));
    let tape = forward(cell, theta, [golden.losses[0]!], emptyMemory(cell));
    for (const loss of golden.losses.slice(1)) tape = forward(cell, theta, [loss], tape.memory);
    const gradient = new Float64Array(theta.length);
    backward(cell, theta, tape, 1, gradient);
    for (const { name, offset, size } of parameterLayout(cell)) {
      const expected: number[] = golden.gradient[name as keyof typeof golden.gradient];
      for (let k = 0; k < size; k++) expect(gradient[offset + k]).toBeCloseTo(expected[k]!, 13);
    }
  });

  it("equals PyTorch's gradient of the last step of a plain LSTM with tanh at the end", () => {
    const theta = Float64Array.from(plainGolden.theta);
    let memory = emptyMemory(plain);
    const tapes = plainGolden.inputs.map((inputs) => {
      const tape = forward(plain, theta, inputs, memory);
      memory = tape.memory;
      return tape;
    });
    const gradient = new Float64Array(theta.length);
    backward(plain, theta, tapes.at(-1)!, 1, gradient);
    for (const [k, slope] of plainGolden.gradient.entries()) expect(gradient[k]).toBeCloseTo(slope, 13);
  });

  it("equals finite differences for every gate order and both forms, with and without a middle layer, one and two layers and two inputs", () => {
    for (const [index, gateOrder] of orders(presets["meta-test"].gateOrder).entries()) {
      const cell: CellConfig = {
        ...small,
        hidden: 2,
        gateOrder,
        layers: 1 + (index % 2),
        middle: index % 4 < 2 ? 4 : 0,
        output: index % 3 === 0 ? "sigmoid" : plain.output,
        forgetShift: [-1, 0, 0.5][index % 3]!,
        inputs: ["loss", "loss"],
      };
      const theta = initialiseParameters(cell, index);
      const memory = randomMemory(cell, index);
      const gradient = new Float64Array(theta.length).fill(1);
      backward(cell, theta, forward(cell, theta, [0.7, 1.3], memory), -3, gradient);
      const errors = Array.from(theta, (_, k) => {
        const pAt = (shift: number): number => {
          const moved = theta.slice();
          moved[k]! += shift;
          return forward(cell, moved, [0.7, 1.3], memory).p;
        };
        const slope = (pAt(1e-5) - pAt(-1e-5)) / 2e-5;
        return Math.abs(gradient[k]! - (1 - 3 * slope));
      });
      expect(Math.max(...errors), `with the gates ${gateOrder}`).toBeLessThan(1e-8);
    }
  });
});

describe("FastCell", () => {
  const cells: [string, CellConfig][] = [
    ["the image cell", presets["image-meta-train"]],
    ["the language cell", presets["language-meta-train"]],
    ["the meta-test cell", presets["meta-test"]],
    ["the transfer cell", presets.transfer],
    ["two plain layers of odd sizes", { ...presets["transfer-anytime"], hidden: 5, layers: 2 }],
    ["two layers of odd sizes", { ...small, hidden: 7, middle: 5, layers: 2 }],
  ];
  it.each(cells)("equals the readable cell over 100 random steps: %s", (_, cell) => {
    const random = new Random(5, "steps");
    for (const theta of [initialiseParameters(cell, 1), Float32Array.from(initialiseParameters(cell, 2))]) {
      const fast = new FastCell(cell, theta);
      let memory = emptyMemory(cell);
      let fastMemory: Memory = memory;
      for (let step = 0; step < 100; step++) {
        const inputs = cell.inputs.map(() => 4 * random.uniform());
        const expected = forward(cell, theta, inputs, memory);
        const got = fast.forward(inputs, fastMemory);
        expect(got.p).toBeCloseTo(expected.p, 13);
        expect(largestDifference(got.memory, expected.memory)).toBeLessThan(1e-13);
        memory = expected.memory;
        fastMemory = got.memory;
      }
    }
  });

  it("leaves θ and the memory it is given as they are, and keeps its own copy of θ", () => {
    const theta = initialiseParameters(small, 1);
    const fast = new FastCell(small, theta);
    const memory = randomMemory(small, 3);
    const before = structuredClone(memory);
    const first = fast.forward([1], memory);
    theta.fill(0);
    expect(fast.forward([1], memory)).toEqual(first);
    expect(memory).toEqual(before);
  });

  it("does not hide a NaN in θ behind the ReLU", () => {
    const theta = new Float64Array(parameterCount(small)).fill(Number.NaN);
    expect(new FastCell(small, theta).forward([1], emptyMemory(small)).p).toBeNaN();
  });
});

function orders(gates: readonly Gate[]): CellConfig["gateOrder"][] {
  if (gates.length === 1) return [gates as unknown as CellConfig["gateOrder"]];
  return gates.flatMap((gate) =>
    orders(gates.filter((other) => other !== gate)).map(
      (rest) => [gate, ...rest] as unknown as CellConfig["gateOrder"],
    ),
  );
}

function randomMemory({ layers, hidden }: CellConfig, seed: number): Memory {
  const random = new Random(seed, "memory");
  const rows = (): number[][] =>
    Array.from({ length: layers }, () => Array.from({ length: hidden }, () => 2 * random.uniform() - 1));
  return { h: rows(), c: rows() };
}

function largestDifference(a: Memory, b: Memory): number {
  const flat = ({ h, c }: Memory): number[] => [...h, ...c].flat();
  const expected = flat(b);
  return Math.max(...flat(a).map((value, k) => Math.abs(value - expected[k]!)));
}
