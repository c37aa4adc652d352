import type { CellConfig, Gate } from "./config.ts";
import { type Linear, type Mlp, type Parameters, type Vector, viewParameters } from "./parameters.ts";

/** (h, c): the LSTM's memory, each [layers][H]. JSON-safe; zero at the start of a training run. */
export type Memory = { h: readonly number[][]; c: readonly number[][] };

export function emptyMemory({ layers, hidden }: CellConfig): Memory {
  const zeros = (): number[][] => Array.from({ length: layers }, () => new Array<number>(hidden).fill(0));
  return { h: zeros(), c: zeros() };
}

type MlpTape = { x: readonly number[]; middle: number[]; y: number[] };
type LayerTape = Record<"i" | "f" | "g" | "o" | "c" | "h", number[]> & {
  i2h: MlpTape;
  h2h: MlpTape;
  cBefore: number[];
};
/**
 * One step of the network: p_t, in (0, 1) for the sigmoid form and in (-1, 1) for the integrating one, the memory
 * after it, and what its backward pass needs.
 */
export type Tape = { p: number; memory: Memory; layers: LayerTape[] };

/**
 * One step of MLR-SNet, to be read beside the paper; `FastCell` computes the same.
 *
 *     a = i2h(x_t) + h2h(h_{t-1}),  i2h and h2h: Linear -> ReLU -> Linear, or Linear alone
 *     i = σ(a_i),  f = σ(a_f + forgetShift),  g = tanh(a_g),  o = σ(a_o)
 *     c_t = f·c_{t-1} + i·g,  h_t = o·tanh(c_t),  p_t = σ(z_t) or tanh(z_t), z_t = readout(h_t)
 *
 * @param theta θ, flat, in the order of `parameterLayout`.
 * @param inputs x_t, [inputs]; for the released cells the loss of the mini-batch.
 * @see arXiv:2007.14546; the middle layer, the gates' order and the shift are the released code's.
 */
export function forward(cell: CellConfig, theta: Vector, inputs: readonly number[], memory: Memory): Tape {
  const θ = viewParameters(cell, theta);
  const layers: LayerTape[] = [];
  let x = inputs;
  for (const [layer, weights] of θ.layers.entries()) {
    const tape = lstm(cell, weights, x, memory.h[layer]!, memory.c[layer]!);
    layers.push(tape);
    x = tape.h; // a further LSTM layer reads h of the one below
  }
  const z = linear(θ.readout, x)[0]!;
  const p = cell.output === "sigmoid" ? σ(z) : Math.tanh(z);
  return { p, memory: { h: layers.map(({ h }) => h), c: layers.map(({ c }) => c) }, layers };
}

function lstm(
  { gateOrder, hidden, forgetShift }: CellConfig,
  θ: Parameters<Vector>["layers"][number],
  x: readonly number[],
  hBefore: number[],
  cBefore: number[],
): LayerTape {
  const i2h = mlp(θ.i2h, x);
  const h2h = mlp(θ.h2h, hBefore);
  const gate = (name: Gate): number[] => {
    const start = gateOrder.indexOf(name) * hidden;
    return cBefore.map((_, k) => i2h.y[start + k]! + h2h.y[start + k]!);
  };
  const i = gate("input").map(σ);
  const f = gate("forget").map((a) => σ(a + forgetShift));
  const g = gate("candidate").map(Math.tanh);
  const o = gate("output").map(σ);
  const c = cBefore.map((before, k) => f[k]! * before + i[k]! * g[k]!);
  const h = c.map((now, k) => o[k]! * Math.tanh(now));
  return { i, f, g, o, c, h, i2h, h2h, cBefore };
}

/**
 * Adds `scale` · dp_t/dθ to `gradient`. The memory before the step is a constant (the paper detaches it every
 * iteration), so this is one LSTM step backwards and no more.
 *
 * @param gradient flat, `parameterCount(cell)` long; added to.
 */
export function backward(
  cell: CellConfig,
  theta: Vector,
  tape: Tape,
  scale: number,
  gradient: Float64Array,
): void {
  const θ = viewParameters(cell, theta);
  const dθ = viewParameters(cell, gradient);
  const { p } = tape;
  const dz = scale * (cell.output === "sigmoid" ? p * (1 - p) : 1 - p * p);
  let dh = linearBackward(θ.readout, dθ.readout, tape.memory.h.at(-1)!, [dz]);
  for (let layer = cell.layers - 1; layer >= 0; layer--) {
    const { i, f, g, o, c, i2h, h2h, cBefore } = tape.layers[layer]!;
    const da = new Array<number>(4 * cell.hidden); // of the gates' sums, in gate order
    const [iAt, fAt, gAt, oAt] = (["input", "forget", "candidate", "output"] as const).map(
      (name) => cell.gateOrder.indexOf(name) * cell.hidden,
    ) as [number, number, number, number];
    for (let k = 0; k < cell.hidden; k++) {
      const tanhC = Math.tanh(c[k]!);
      const dc = dh[k]! * o[k]! * (1 - tanhC * tanhC);
      da[iAt + k] = dc * g[k]! * i[k]! * (1 - i[k]!);
      da[fAt + k] = dc * cBefore[k]! * f[k]! * (1 - f[k]!);
      da[gAt + k] = dc * i[k]! * (1 - g[k]! * g[k]!);
      da[oAt + k] = dh[k]! * tanhC * o[k]! * (1 - o[k]!);
    }
    mlpBackward(θ.layers[layer]!.h2h, dθ.layers[layer]!.h2h, h2h, da);
    dh = mlpBackward(θ.layers[layer]!.i2h, dθ.layers[layer]!.i2h, i2h, da);
  }
}

function σ(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function mlp(θ: Mlp<Vector>, x: readonly number[]): MlpTape {
  const middle = θ.first ? linear(θ.first, x).map((a) => Math.max(0, a)) : [...x];
  return { x, middle, y: linear(θ.second, middle) };
}

function mlpBackward(θ: Mlp<Vector>, dθ: Mlp<Float64Array>, { x, middle }: MlpTape, dy: number[]): number[] {
  const dMiddle = linearBackward(θ.second, dθ.second, middle, dy);
  if (!θ.first || !dθ.first) return dMiddle;
  return linearBackward(
    θ.first,
    dθ.first,
    x,
    dMiddle.map((d, j) => (middle[j]! > 0 ? d : 0)),
  );
}

/** y = W x + b. */
function linear({ weight, bias }: Linear<Vector>, x: readonly number[]): number[] {
  return Array.from(bias, (b, row) => {
    let y = b;
    for (let column = 0; column < x.length; column++) y += weight[row * x.length + column]! * x[column]!;
    return y;
  });
}

/** dW += dy xᵀ, db += dy; returns dx = Wᵀ dy. */
function linearBackward(
  θ: Linear<Vector>,
  dθ: Linear<Float64Array>,
  x: readonly number[],
  dy: number[],
): number[] {
  const dx = new Array<number>(x.length).fill(0);
  for (const [row, d] of dy.entries()) {
    dθ.bias[row]! += d;
    for (let column = 0; column < x.length; column++) {
      dθ.weight[row * x.length + column]! += d * x[column]!;
      dx[column]! += d * θ.weight[row * x.length + column]!;
    }
  }
  return dx;
}
