// Times every lowering of the convolutions of some networks, each alone on one thread, and writes
// results/lowerings.json. Processor time, so that other work on the machine matters little; the least of 40 turns.
// Usage: npm run build && node scripts/lowerings.mjs
import { loadavg } from "node:os";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { channelBlock } from "../dist/engine/index.js";
import { loadRuntime } from "../dist/engine/internal.js";
import { conv, differentiate, input, multiply, reduceSum, reshapeTo, slice } from "../dist/graph/index.js";
import { elements, encodeModel } from "../dist/graph/internal.js";
import { writeRecord } from "./record.mjs";

// batch, channels, side of the image, output channels, side of the kernel, stride
const convolutions = [
  [128, 3, 32, 16, 3, 1],
  [128, 16, 32, 32, 3, 2],
  [128, 32, 16, 64, 3, 2],
  [32, 64, 32, 64, 3, 1],
  [32, 128, 16, 128, 3, 1],
  [32, 256, 8, 256, 3, 1],
  [32, 512, 4, 512, 3, 1],
];
const turns = 40;
const block = await channelBlock(await loadRuntime());

/** Milliseconds of processor time of a node written in one way; only one element of its result leaves the runtime. */
async function time(node, lowering) {
  const result = node.outputs[0];
  const first = slice(reshapeTo(result, [elements(result.shape)]), 0, 0, 1);
  const { model, inputs } = encodeModel({ first }, (other) =>
    other === node ? lowering : Object.values(other.operator.lowerings)[0],
  );
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const feeds = {};
  for (const [name, { shape }] of inputs) {
    const numbers = Float32Array.from({ length: elements(shape) }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
    feeds[name] = new Tensor("float32", numbers, shape);
  }
  await session.run(feeds);
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < turns; turn++) {
    const before = process.cpuUsage();
    await session.run(feeds);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  await session.release();
  return best;
}

/** The node that computes a value, on inputs of its own. */
function alone(value, shapes) {
  const outputs = [];
  const inputs = shapes.map((shape, index) => input(`x${index}`, shape));
  const node = { ...value.source.node, inputs, outputs };
  outputs.push({ ...value, source: { kind: "node", node, index: 0 } });
  return node;
}

const load = loadavg()[0];
const start = Date.now();
const measured = [];
for (const [batch, channels, side, outputs, kernel, stride] of convolutions) {
  const x = input("x", [batch, channels, side, side]);
  const weight = input("weight", [outputs, channels, kernel, kernel]);
  const y = conv(x, weight, { stride, padding: (kernel - 1) / 2 });
  const [dx, dWeight] = differentiate(reduceSum(multiply(y, input("dy", y.shape))), [x, weight]);
  const nodes = {
    forward: alone(y, [x.shape, weight.shape]),
    "towards the input": alone(dx, [y.shape, weight.shape]),
    "towards the weight": alone(dWeight, [y.shape, x.shape]),
  };
  for (const [part, node] of Object.entries(nodes)) {
    const gigaflops = (2 * elements(y.shape) * channels * kernel ** 2) / 1e9;
    const milliseconds = {};
    for (const [name, lowering] of Object.entries(node.operator.lowerings)) {
      const fits = (lowering.channelBlock ?? block) === block && (lowering.supports?.(node, "cpu") ?? true);
      if (fits) milliseconds[name] = Number((await time(node, lowering)).toFixed(2));
    }
    measured.push({ batch, channels, side, outputs, kernel, stride, part, gigaflops, milliseconds });
    process.stderr.write(`${JSON.stringify(measured.at(-1))}\n`);
  }
}
const result = { channelBlock: block, turns, results: measured };
writeRecord("lowerings", { command: "node scripts/lowerings.mjs", start, load, result });
