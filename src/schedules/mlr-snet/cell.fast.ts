import type { Memory } from "./cell.ts";
import type { CellConfig } from "./config.ts";
import { type Linear, type Mlp, type Vector, viewParameters } from "./parameters.ts";

/** The second matrix of an MLP is kept input-major, so that units which the ReLU silenced cost nothing. */
type FastMlp = { first: Linear<Vector> | undefined; columns: Vector };
/** gateBias: both biases of the gates' sums in one, the forget shift included. */
type FastLayer = { i2h: FastMlp; h2h: FastMlp; gateBias: Float64Array };

/**
 * The forward pass of `cell.ts`, preallocated and ordered for speed: the same p and memory up to rounding.
 * Its sums have a fixed order, so the same θ and losses give the same bits on the same machine.
 */
export class FastCell {
  readonly #cell: CellConfig;
  readonly #layers: FastLayer[];
  readonly #readout: Linear<Vector>;
  readonly #gates: Float64Array;
  readonly #middle: Float64Array;
  readonly #active: Int32Array;

  /** @param theta θ, flat, copied; a Float32Array keeps the weights in float32 (half the memory, sums in float64). */
  constructor(cell: CellConfig, theta: Vector) {
    const { hidden, middle } = cell;
    const θ = viewParameters(cell, theta.slice());
    const forgetAt = cell.gateOrder.indexOf("forget");
    this.#cell = cell;
    this.#layers = θ.layers.map(({ i2h, h2h }) => ({
      i2h: arrange(i2h),
      h2h: arrange(h2h),
      gateBias: Float64Array.from(
        i2h.second.bias,
        (b, k) => b + h2h.second.bias[k]! + (Math.floor(k / hidden) === forgetAt ? cell.forgetShift : 0),
      ),
    }));
    this.#readout = θ.readout;
    this.#gates = new Float64Array(4 * hidden);
    const most = (middle || Math.max(hidden, cell.inputs.length)) + 3; // padded to a multiple of four
    this.#middle = new Float64Array(most);
    this.#active = new Int32Array(most);
  }

  /** p_t and the memory after the step, as `forward` of `cell.ts`; the arguments are left as they are. */
  forward(inputs: readonly number[], memory: Memory): { p: number; memory: Memory } {
    const h: number[][] = [];
    const c: number[][] = [];
    let x = inputs;
    for (let layer = 0; layer < this.#layers.length; layer++) {
      const { i2h, h2h, gateBias } = this.#layers[layer]!;
      this.#gates.set(gateBias);
      this.#addMlp(i2h, x);
      this.#addMlp(h2h, memory.h[layer]!);
      const cNow = new Array<number>(this.#cell.hidden);
      x = h[layer] = this.#close(memory.c[layer]!, cNow);
      c[layer] = cNow;
    }
    let z = this.#readout.bias[0]!;
    for (let k = 0; k < x.length; k++) z += this.#readout.weight[k]! * x[k]!;
    const p = this.#cell.output === "sigmoid" ? 1 / (1 + Math.exp(-z)) : tanh(z);
    return { p, memory: { h, c } };
  }

  /** gates += W2 relu(W1 x + b1), or W2 x without a first layer; four active units at a time, for fewer passes over the gates. */
  #addMlp({ first, columns }: FastMlp, x: readonly number[]): void {
    const gates = this.#gates;
    const middle = this.#middle;
    const active = this.#active;
    const width = gates.length;
    let count = 0;
    const rows = first ? first.bias.length : x.length;
    for (let row = 0; row < rows; row++) {
      const y = first ? first.bias[row]! + dot(first.weight, row * x.length, x) : x[row]!;
      if (!first || !(y <= 0)) {
        middle[count] = y;
        active[count++] = row * width;
      }
    }
    while (count % 4 !== 0) {
      middle[count] = 0;
      active[count++] = 0;
    }
    for (let n = 0; n < count; n += 4) {
      const y0 = middle[n]!;
      const y1 = middle[n + 1]!;
      const y2 = middle[n + 2]!;
      const y3 = middle[n + 3]!;
      const at0 = active[n]!;
      const at1 = active[n + 1]!;
      const at2 = active[n + 2]!;
      const at3 = active[n + 3]!;
      for (let k = 0; k < width; k++)
        gates[k]! +=
          y0 * columns[at0 + k]! + y1 * columns[at1 + k]! + (y2 * columns[at2 + k]! + y3 * columns[at3 + k]!);
    }
  }

  /** c_t = f·c_{t-1} + i·g into `c`; returns h_t = o·tanh(c_t). */
  #close(cBefore: readonly number[], c: number[]): number[] {
    const { hidden, gateOrder } = this.#cell;
    const gates = this.#gates;
    const iAt = gateOrder.indexOf("input") * hidden;
    const fAt = gateOrder.indexOf("forget") * hidden;
    const gAt = gateOrder.indexOf("candidate") * hidden;
    const oAt = gateOrder.indexOf("output") * hidden;
    const h = new Array<number>(hidden);
    for (let k = 0; k < hidden; k++) {
      const f = 1 / (1 + Math.exp(-gates[fAt + k]!));
      const i = 1 / (1 + Math.exp(-gates[iAt + k]!));
      const now = f * cBefore[k]! + i * tanh(gates[gAt + k]!);
      c[k] = now;
      h[k] = tanh(now) / (1 + Math.exp(-gates[oAt + k]!));
    }
    return h;
  }
}

/** tanh through one exp: within 2e-16 of Math.tanh and faster. */
function tanh(x: number): number {
  return 1 - 2 / (Math.exp(2 * x) + 1);
}

function dot(weight: Vector, start: number, x: readonly number[]): number {
  const whole = x.length - (x.length % 2);
  let even = 0;
  let odd = 0;
  for (let k = 0; k < whole; k += 2) {
    even += weight[start + k]! * x[k]!;
    odd += weight[start + k + 1]! * x[k + 1]!;
  }
  if (whole < x.length) even += weight[start + whole]! * x[whole]!;
  return even + odd;
}

function arrange({ first, second }: Mlp<Vector>): FastMlp {
  const rows = second.bias.length;
  const columns = second.weight.slice();
  const width = second.weight.length / rows;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < width; column++)
      columns[column * rows + row] = second.weight[row * width + column]!;
  return { first, columns };
}
