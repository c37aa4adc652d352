import { describe, expect, it } from "vitest";
import { checkCell } from "./config.ts";
import { initialiseParameters, presetInitialisations } from "./initialise.ts";
import { parameterCount, parameterLayout, viewParameters } from "./parameters.ts";
import { type PresetName, presets } from "./presets.ts";

describe("parameterCount", () => {
  it("counts 23,101 for the released language cell, 11,776 for the two image cells, and one LSTM of 16 units for transfer", () => {
    const counts = Object.values(presets).map(parameterCount);
    expect(counts).toEqual([
      23101,
      11776,
      11776,
      64 * (9 + 1) + 64 * (16 + 1) + 17,
      64 * (7 + 1) + 64 * (16 + 1) + 17,
    ]);
  });
});

describe("parameterLayout", () => {
  it("names the tensors of one layer as the released state dict, of a plain LSTM without an index, and further layers layer2.<k>", () => {
    const names = parameterLayout({ ...presets["meta-test"], layers: 2 }).map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual([
      "layer1.fc_i2h.0.weight",
      "layer1.fc_i2h.0.bias",
      "layer1.fc_i2h.2.weight",
    ]);
    expect(parameterLayout(presets.transfer).map(({ name, shape }) => [name, ...shape])).toEqual([
      ["layer1.fc_i2h.weight", 64, 9],
      ["layer1.fc_i2h.bias", 64],
      ["layer1.fc_h2h.weight", 64, 16],
      ["layer1.fc_h2h.bias", 64],
      ["layer3.weight", 1, 16],
      ["layer3.bias", 1],
    ]);
    expect(names[8]).toBe("layer2.0.fc_i2h.0.weight");
    expect(names.slice(-2)).toEqual(["layer3.weight", "layer3.bias"]);
  });
});

describe("viewParameters", () => {
  it("gives windows onto the flat vector in the order of the layout", () => {
    const cell = { ...presets["meta-test"], layers: 2 };
    const theta = Float64Array.from({ length: parameterCount(cell) }, (_, k) => k);
    const view = viewParameters(cell, theta);
    const slot = parameterLayout(cell).find(({ name }) => name === "layer2.0.fc_h2h.2.bias")!;
    expect(view.layers[1]!.h2h.second.bias[0]).toBe(slot.offset);
    expect(view.readout.bias[0]).toBe(theta.length - 1);
  });

  it("refuses a vector of another length", () => {
    expect(() => viewParameters(presets["meta-test"], new Float64Array(3))).toThrow(
      "Expected 11776 parameters for this cell, got 3.",
    );
  });
});

describe("initialiseParameters", () => {
  it("draws the same θ for the same seed and another for another seed", () => {
    const cell = presets["meta-test"];
    expect(initialiseParameters(cell, 1)).toEqual(initialiseParameters(cell, 1));
    expect(initialiseParameters(cell, 1)).not.toEqual(initialiseParameters(cell, 2));
  });

  it.each(Object.keys(presets) as PresetName[])(
    "fills the bounds of every linear layer and no more: %s",
    (name) => {
      const theta = initialiseParameters(presets[name], 1, presetInitialisations[name]);
      const { hidden, inputs } = presets[name];
      const bounds: Record<string, number> = {
        "layer1.fc_i2h.0": 1,
        "layer1.fc_i2h": 1 / Math.sqrt(inputs.length),
        layer3: 1 / Math.sqrt(hidden),
      };
      for (const { name: tensor, shape, offset, size } of parameterLayout(presets[name])) {
        const isNarrow =
          name === "language-meta-train" && tensor.endsWith("weight") && tensor !== "layer3.weight";
        const fanIn =
          tensor.startsWith("layer1.fc_i2h.2") || tensor.startsWith("layer1.fc_h2h.2")
            ? presets[name].middle
            : hidden;
        const bound = isNarrow
          ? 0.1
          : (bounds[tensor.replace(/\.(weight|bias)$/, "")] ?? 1 / Math.sqrt(fanIn));
        const largest = Math.max(...theta.subarray(offset, offset + size).map(Math.abs));
        expect(largest, tensor).toBeLessThanOrEqual(bound);
        if (size >= 25) expect(largest, `${tensor} ${shape}`).toBeGreaterThan(0.9 * bound);
      }
    },
  );
});

describe("checkCell", () => {
  const integrating = presets.transfer.output as object;
  const wrong: [string, object][] = [
    ["hidden", { hidden: 0 }],
    ["middle", { middle: 2.5 }],
    ["middle", { middle: -1 }],
    ["layers", { layers: 17 }],
    ["gateOrder", { gateOrder: ["input", "input", "output", "candidate"] }],
    ["gateOrder", { gateOrder: ["input", "forget", "output"] }],
    ["forgetShift", { forgetShift: Number.NaN }],
    ["inputs", { inputs: [] }],
    ["inputs", { inputs: ["gradient"] }],
    ["output", { output: "tanh" }],
    ["output", { output: { ...integrating, form: "sigmoid" } }],
    ["output", { output: { ...integrating, step: 0 } }],
    ["output", { output: { ...integrating, step: 2.1 } }],
    ["output", { output: { ...integrating, start: 14 } }],
    ["output", { output: { ...integrating, relative: false } }],
    ["output", { output: { ...integrating, settle: 0.5 } }],
    ["output", { output: { ...integrating, settle: Number.POSITIVE_INFINITY } }],
    ["output", { output: { ...integrating, settle: "50" } }],
    ["output", { output: { ...integrating, anneal: 0 } }],
    ["output", { output: { ...integrating, anneal: 4.1 } }],
    ["output", { output: { ...integrating, anneal: null } }],
    ["output", { output: { ...integrating, floor: 0 } }],
    ["output", { output: { ...integrating, ceiling: Number.POSITIVE_INFINITY } }],
    ["output", { output: { ...integrating, ceiling: "10" } }],
    ["output", { output: { ...integrating, more: 1 } }],
    ["output", { output: null }],
    ["range", { range: "accuracy" }],
    ["depth", { depth: 1 }],
  ];
  it.each(wrong)("names the field that is wrong: %s", (name, change) => {
    expect(() => checkCell({ ...presets["meta-test"], ...change })).toThrow(
      `Expected \`cell.${name}\` to be `,
    );
  });

  it("lets every preset through", () => {
    for (const cell of Object.values(presets)) expect(checkCell(cell)).toBe(cell);
  });
});
