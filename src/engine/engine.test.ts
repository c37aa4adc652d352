import { describe, expect, test } from "vitest";
import {
  apply,
  batchNormalization,
  conv,
  differentiate,
  input,
  linear,
  maxPool,
  multiply,
  type Operator,
  reduceMean,
  relu,
  reshapeTo,
  softmaxCrossEntropy,
  tanh,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { Random } from "../random.ts";
import { type Buffer, Engine } from "./index.ts";
import { allocate } from "./internal.ts";

const engine = await Engine.create({ threads: 2, planFolder: null });
const x = input("x", [2]);
const refused = (code: string) => expect.objectContaining({ code });

/** Loss and gradients of a small network with every kind of operator that sums over many numbers. */
function network(): Record<string, Value> {
  const kernel = input("kernel", [16, 8, 3, 3]);
  const [scale, bias] = [input("scale", [16]), input("bias", [16])];
  const [weight, offset] = [input("weight", [10, 576]), input("offset", [10])];
  const images = conv(input("images", [16, 8, 12, 12]), kernel, { padding: 1 });
  const features = maxPool(relu(batchNormalization(images, scale, bias).y), { kernel: 2 });
  const logits = linear(reshapeTo(features, [16, 576]), weight, offset);
  const loss = reduceMean(softmaxCrossEntropy(logits, input("labels", [16], "int32")));
  const gradients = differentiate(loss, [kernel, scale, bias, weight, offset]) as Value[];
  return { loss, ...Object.fromEntries(gradients.map((value, index) => [`gradient${index}`, value])) };
}

/** Seeded numbers for a value; labels 0 to 9. */
function drawn(name: string, value: Value): Buffer {
  const random = new Random(0, name);
  const numbers = Array.from({ length: elements(value.shape) }, () => random.normal());
  return value.dataType === "int32"
    ? Int32Array.from(numbers, () => random.integer(10))
    : Float32Array.from(numbers);
}

describe("Engine.create", () => {
  test("runs a graph whose inputs and outputs have names such as the engine makes itself", async () => {
    const names = ["_0", "_1", "_2"];
    const [a, b, c] = names.map((name) => input(name, [2])) as [Value, Value, Value];
    const program = await engine.compile({ _3: multiply(tanh(multiply(a, b)), multiply(c, 2)) });
    const outputs = program.allocateOutputs();
    const inputs = Object.fromEntries(names.map((name, k) => [name, Float32Array.of(k, 1)]));
    await program.bind(inputs, outputs).run();
    expect([...outputs._3!].map((value) => Number(value).toFixed(4))).toEqual(["0.0000", "1.5232"]);
    await program.release();
  });

  test.each([{ device: "tpu" as "cpu" }, { threads: 0 }, { threads: 1.5 }])("refuses %o", async (options) => {
    await expect(Engine.create(options)).rejects.toThrow(refused("INVALID_ARGUMENT"));
  });

  test("names the runtime and its version", () => {
    expect(engine.version).toMatch(/^onnxruntime \d+\.\d+\.\d+$/);
  });
});

describe("Engine.compile", () => {
  test("says which graph the runtime refused", async () => {
    const lowerings = { onnx: { emit: () => ["nothing"] } };
    const broken: Operator = {
      name: "broken",
      infer: () => [{ shape: [2], dataType: "float32" }],
      lowerings,
    };
    await expect(engine.compile({ y: apply(broken, [x], {}) })).rejects.toThrow(refused("ENGINE_FAILED"));
  });
});

describe("Program.bind", () => {
  test("reads views into one flat array and writes views into another, in place, at every run", async () => {
    const [a, b] = [input("a", [2]), input("b", [3])];
    const program = await engine.compile({ c: multiply(a, 2), d: multiply(b, 3) });
    const weights = Float32Array.of(1, 2, 3, 4, 5);
    const results = new Float32Array(7);
    const bound = program.bind(
      { a: weights.subarray(0, 2), b: weights.subarray(2) },
      { c: results.subarray(1, 3), d: results.subarray(3, 6) },
    );
    await bound.run();
    expect([...results]).toEqual([0, 2, 4, 9, 12, 15, 0]);
    weights[0] = 10;
    await bound.run();
    expect([...results]).toEqual([0, 20, 4, 9, 12, 15, 0]);
  });

  test("fetches only the outputs that are bound, and accepts inputs that the graph does not use", async () => {
    const program = await engine.compile({ y: tanh(x), z: multiply(x, x) });
    const z = new Float32Array(2);
    await program.bind({ x: Float32Array.of(3, 4), unused: new Float32Array(1) }, { z }).run();
    expect([...z]).toEqual([9, 16]);
  });

  test("writes a value under two names, and an input as an output", async () => {
    const y = multiply(x, 2);
    const program = await engine.compile({ y, again: y, same: x });
    const outputs = program.allocateOutputs();
    await program.bind({ x: Float32Array.of(1, 2) }, outputs).run();
    expect(outputs).toEqual({
      y: Float32Array.of(2, 4),
      again: Float32Array.of(2, 4),
      same: Float32Array.of(1, 2),
    });
  });

  test("refuses arrays of the wrong length or type, a missing input and an unknown output", async () => {
    const program = await engine.compile({ y: tanh(x) });
    const y = new Float32Array(2);
    for (const wrong of [new Float32Array(3), new Int32Array(2), undefined as unknown as Buffer])
      expect(() => program.bind({ x: wrong }, { y })).toThrow(refused("SHAPE_MISMATCH"));
    expect(() => program.bind({ x: y }, { y: new Float32Array(1) })).toThrow(
      "Expected `y` as Float32Array of length 2 for shape [2], got Float32Array of length 1.",
    );
    expect(() => program.bind({ x: y }, { z: y })).toThrow(refused("SHAPE_MISMATCH"));
  });
});

describe("Program.run", () => {
  test("gives the same bits in every run, with 1 and with 2 threads", async () => {
    const results: Record<string, Buffer>[] = [];
    for (const threads of [1, 2]) {
      const program = await (await Engine.create({ threads, planFolder: null })).compile(network());
      const inputs = [...program.inputs].map(([name, value]) => [name, drawn(name, value)] as const);
      for (let run = 0; run < 5; run++) {
        const outputs = program.allocateOutputs();
        await program.bind(Object.fromEntries(inputs), outputs).run();
        results.push(outputs);
      }
      await program.release();
    }
    expect(results[0]!.loss![0]).toBeGreaterThan(0);
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("keeps statistics of batch normalisation apart where two layers share their parameters", async () => {
    // The kernel of onnxruntime writes the statistics over its inputs: see batch-normalization.ts.
    const [scale, bias] = [input("scale", [2]), input("bias", [2])];
    const [a, b] = [input("a", [4, 2]), input("b", [4, 2])];
    const [first, second] = [batchNormalization(a, scale, bias), batchNormalization(b, scale, bias)];
    const program = await engine.compile({ y: multiply(first.mean, second.mean) });
    const buffers = { a: Float32Array.of(1, 2, 1, 2, 3, 4, 3, 4), b: new Float32Array(8).fill(9) };
    const parameters = { scale: Float32Array.of(1, 1), bias: Float32Array.of(0, 0) };
    const outputs = program.allocateOutputs();
    await program.bind({ ...buffers, ...parameters }, outputs).run();
    expect(outputs).toEqual({ y: Float32Array.of(18, 27) });
    expect(parameters).toEqual({ scale: Float32Array.of(1, 1), bias: Float32Array.of(0, 0) });
  });

  test("fails with a clear error once the program is released", async () => {
    const program = await engine.compile({ y: tanh(x) });
    const bound = program.bind({ x: new Float32Array(2) }, program.allocateOutputs());
    await program.release();
    await expect(bound.run()).rejects.toThrow(refused("ENGINE_FAILED"));
  });
});

describe("allocate", () => {
  test("gives zeroed memory of the type that belongs to a data type", () => {
    expect(allocate({ shape: [2], dataType: "float32" })).toEqual(new Float32Array(2));
    expect(allocate({ shape: [], dataType: "int32" })).toEqual(new Int32Array(1));
    expect(allocate({ shape: [3], dataType: "int64" })).toEqual(new BigInt64Array(3));
    expect(allocate({ shape: [1, 2], dataType: "bool" })).toEqual(new Uint8Array(2));
  });
});
