import { describe, expect, it } from "vitest";
import { train } from "../examples/own-loop.ts";
import { backward, network, parameters, run } from "../examples/paper-in-one-file.ts";
import { forwardCell, hypergradient, presets } from "../src/schedules/index.ts";
import { encodeSchedule, equalFractions, initialiseParameters } from "../src/schedules/internal.ts";

describe("examples/paper-in-one-file.ts", () => {
  const cell = { ...presets["meta-test"], hidden: 12, middle: 6 };
  const memory = (sign: number) => Array.from({ length: 12 }, (_, k) => sign * Math.sin(k + 1));

  it("has the network and the gradient of the package.", () => {
    const [h, c] = [memory(0.5), memory(-1)];
    const { p, memory: after } = network(1.3, { h, c });
    const theta = Float64Array.from(parameters, ({ value }) => value);
    const tape = forwardCell(cell, theta, [1.3], { h: [h], c: [c] });
    expect(p.value).toBeCloseTo(tape.p, 12);
    for (const [k, value] of after.h.entries()) expect(value).toBeCloseTo(tape.memory.h[0]![k]!, 12);
    backward(p, -0.4 * 1.7);
    const expected = hypergradient({ cell, theta, tape, gamma: 0.4, innerProduct: 1.7 });
    for (const [k, { grad }] of parameters.entries()) expect(grad).toBeCloseTo(expected[k]!, 12);
  });

  it("learns a falling schedule on noisy data, and trains another network with it.", () => {
    const { metaTraining, transfer } = run();
    for (const { γ, L0, rates, lastLoss } of [metaTraining, transfer]) {
      expect(lastLoss).toBeLessThan(0.8 * L0);
      expect(rates.every((rate) => rate > 0 && rate < γ)).toBe(true);
    }
    expect(metaTraining.rates.at(-1)).toBeLessThan(0.6 * metaTraining.rates[0]!);
    expect(transfer.γ).toBeCloseTo(0.4423, 4);
  });
});

describe("examples/own-loop.ts", () => {
  it("trains with the rates of a schedule of three snapshots.", async () => {
    const cell = { ...presets["meta-test"], hidden: 8, middle: 4 };
    const thetas = [1, 2, 3].map((seed) => initialiseParameters(cell, seed));
    const snapshots = { switchRule: "epoch-thirds", fractions: equalFractions(3), thetas } as const;
    const { losses, updates } = await train(encodeSchedule({ cell, snapshots, provenance: {} }));
    expect(losses).toHaveLength(300);
    expect(updates).toBe(300);
    expect(losses[0]).toBeCloseTo(Math.log(2), 12);
    expect(losses.at(-1)).toBeLessThan(0.5);
  });
});
