// Says which ONNX nodes of an operator, and of its gradient, run on the CPU where the device is webgpu: the last column of
// docs/operators.md. Usage, after npm run build: node scripts/placements.mjs 'maximum(input("x", [4]), input("y", [4]))'
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [expression] = process.argv.slice(2);
if (!expression) {
  process.stderr.write(
    "usage: node scripts/placements.mjs 'sign(input(\"x\", [4]))', an expression of mlr-snet/graph\n",
  );
  process.exit(2);
}

if (process.env.PLACEMENTS) {
  const [{ default: ort }, graph, { encodeModel, topologicalOrder }] = await Promise.all([
    import("onnxruntime-node"),
    import("../dist/graph/index.js"),
    import("../dist/graph/internal.js"),
  ]);
  const result = new Function(...Object.keys(graph), `return ${expression}`)(...Object.values(graph));
  const y = Array.isArray(result) ? result[0] : result;
  const outputs = { result: y };
  if (y.dataType === "float32") {
    const nodes = topologicalOrder([y]).flatMap(({ inputs }) => inputs);
    const inputs = [...new Set(nodes)].filter((x) => x.source.kind === "input" && x.dataType === "float32");
    const sum = graph.reduceSum(
      y,
      y.shape.map((_, axis) => axis),
    );
    for (const [index, gradient] of graph.differentiate(sum, inputs).entries())
      if (gradient) outputs[`gradient of input ${index}`] = gradient;
  }
  const choose = ({ operator, ...node }) =>
    Object.values(operator.lowerings).find((way) => way.supports?.({ operator, ...node }, "webgpu") ?? true);
  ort.env.logLevel = "verbose";
  const options = { executionProviders: ["webgpu", "cpu"], logSeverityLevel: 0, logVerbosityLevel: 1 };
  await ort.InferenceSession.create(encodeModel(outputs, choose).model, options);
  process.exit(0);
}

const folder = "/usr/lib/chromium"; // SwiftShader, as in test/webgpu.ts
const software = existsSync(`${folder}/vk_swiftshader_icd.json`) && {
  VK_ICD_FILENAMES: `${folder}/vk_swiftshader_icd.json`,
  LD_LIBRARY_PATH: folder,
};
const { stderr, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), expression], {
  env: { ...software, ...process.env, PLACEMENTS: "1" },
  encoding: "utf8",
});
const lines = `${stdout}${stderr}`.split("\n");
if (!lines.some((line) => line.includes("Node placements"))) {
  process.stderr.write(`${stderr.split("\n").find((line) => /Error/.test(line)) ?? stderr}\n`);
  process.exit(1);
}
let device = "";
const placed = {};
for (const line of lines) {
  const text = /VerifyEachNodeIsAssignedToAnEp\]\s+(.*)$/.exec(line)?.[1] ?? "";
  const all = /^All nodes placed on \[(\w+)\]/.exec(text)?.[1];
  if (all) placed[all] = new Set(["all nodes"]);
  device = /placed on \[(\w+)\]/.exec(text)?.[1] ?? device;
  const node = /^(\w+) \(/.exec(text)?.[1];
  placed[device] ??= new Set();
  if (node) placed[device].add(node);
}
for (const [where, nodes] of Object.entries(placed).filter(([, { size }]) => size > 0))
  process.stdout.write(`${where}: ${[...nodes].join(", ")}\n`);
