// MLR-SNet (arXiv 2007.14546) on one page: while a network trains, an LSTM learns which rate lowers the validation loss
// one step ahead; then it gives the rates to another training. Run it: node examples/paper-in-one-file.ts (Node 22.18)

// Differentiation of scalars, whole: every operation notes how its derivative goes back to its inputs.
type Scalar = { value: number; grad: number };
let tape: (() => number)[] = [];
function operation(value: number, ...inputs: [Scalar, slope: number][]): Scalar {
  const y = { value, grad: 0 };
  for (const [x, slope] of inputs) tape.push(() => (x.grad += slope * y.grad));
  return y;
}
const scalar = (value: number): Scalar => ({ value, grad: 0 });
const add = (a: Scalar, b: Scalar) => operation(a.value + b.value, [a, 1], [b, 1]);
const mul = (a: Scalar, b: Scalar) => operation(a.value * b.value, [a, b.value], [b, a.value]);
const relu = (a: Scalar) => operation(Math.max(0, a.value), [a, a.value > 0 ? 1 : 0]);
const tanh = (a: Scalar, y = Math.tanh(a.value)) => operation(y, [a, 1 - y * y]);
const σ = (a: Scalar, y = 1 / (1 + Math.exp(-a.value))) => operation(y, [a, y * (1 - y)]);

let drawn = 0; // random numbers in [0, 1), the same in every run
const uniform = () => Math.abs(43758.5453 * Math.sin(12.9898 * ++drawn)) % 1;
const list = <T>(length: number, item: (k: number) => T): T[] => Array.from({ length }, (_, k) => item(k));
const dot = (a: number[], b: number[]) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
const move = (w: number[], α: number, d: number[]) => w.map((weight, k) => weight - α * d[k]!); // w - α d

// θ, the parameters of the schedule: H units of the LSTM, m units of the ReLU layer inside i2h and h2h.
const [H, m] = [12, 6];
type Layer = { weight: Scalar[][]; bias: Scalar[] }; // [out][in], [out]
function layer(n: number, out: number): Layer {
  const draw = () => scalar((2 * uniform() - 1) / Math.sqrt(n));
  return { weight: list(out, () => list(n, draw)), bias: list(out, draw) };
}
const θ = { i2h: [layer(1, m), layer(m, 4 * H)], h2h: [layer(H, m), layer(m, 4 * H)], readout: layer(H, 1) };
export const parameters: Scalar[] = [...θ.i2h, ...θ.h2h, θ.readout].flatMap((l) => [
  ...l.weight.flat(),
  ...l.bias,
]);

// The schedule: p_t, (h_t, c_t) = LSTM(L_t, h_{t-1}, c_{t-1}; θ), and the learning rate is α_t = γ p_t.
type Memory = { h: number[]; c: number[] }; // [H], [H]; plain numbers: the past is a constant to the derivative
const linear = ({ weight, bias }: Layer, x: Scalar[]) =>
  weight.map((row, j) => row.reduce((sum, w, k) => add(sum, mul(w, x[k]!)), bias[j]!));
const mlp = ([first, second]: Layer[], x: Scalar[]) => linear(second!, linear(first!, x).map(relu));
export function network(L: number, memory: Memory): { p: Scalar; memory: Memory } {
  tape = [];
  const fromLoss = mlp(θ.i2h, [scalar(L)]); // [4H]: input, forget, candidate, output
  const a = mlp(θ.h2h, memory.h.map(scalar)).map((y, k) => add(y, fromLoss[k]!)); // [4H]
  const [i, f, g, o] = [0, H, 2 * H, 3 * H].map((start) => a.slice(start, start + H)) as Scalar[][]; // each [H]
  const c = memory.c.map((before, k) => add(mul(σ(f![k]!), scalar(before)), mul(σ(i![k]!), tanh(g![k]!))));
  const h = c.map((now, k) => mul(σ(o![k]!), tanh(now))); // [H]
  const values = (scalars: Scalar[]) => scalars.map(({ value }) => value);
  return { p: σ(linear(θ.readout, h)[0]!), memory: { h: values(h), c: values(c) } };
}
/** scale · dp/dθ into every parameter's `grad`, p being of the last call of `network`. */
export function backward(p: Scalar, scale: number): void {
  for (const parameter of parameters) parameter.grad = 0;
  p.grad = scale;
  for (const back of tape.toReversed()) back();
}

// What is trained: softmax regressions on points around C centres. w is [C][features], flat; the last feature is 1.
type Example = { x: number[]; y: number };
function points(C: number, features: number, count: number): Example[] {
  const spread = (width: number) => width * (uniform() + uniform() + uniform() - 1.5);
  const centres = list(C, () => list(features, () => spread(4))); // [C][features]
  return list(count, (n) => ({ x: [...centres[n % C]!.map((at) => at + spread(4)), 1], y: n % C }));
}
const batch = (data: Example[]) => list(16, () => data[Math.floor(uniform() * data.length)]!);
function lossAndGradient(w: number[], data: Example[], C: number): { L: number; g: number[] } {
  let [L, g] = [0, w.map(() => 0)];
  for (const { x, y } of data) {
    const odds = list(C, (k) => Math.exp(dot(w.slice(k * x.length, (k + 1) * x.length), x))); // [C]
    const p = odds.map((one) => one / odds.reduce((sum, other) => sum + other)); // [C]
    L -= Math.log(p[y]!) / data.length;
    const slope = p.flatMap((pk, k) => x.map((feature) => (pk - (k === y ? 1 : 0)) * feature)); // [C][features], flat
    g = move(g, -1 / data.length, slope);
  }
  return { L, g };
}

type Run = { γ: number; L0: number; rates: number[]; lastLoss: number };
/** Trains a new network for T steps at the rates of the schedule; given `metaData`, the schedule learns meanwhile. */
function train(data: Example[], C: number, T: number, metaData?: Example[], Tval = 3): Run {
  let w = list(C * data[0]!.x.length, () => 0);
  let memory: Memory = { h: list(H, () => 0), c: list(H, () => 0) }; // kept over all iterations
  const L0 = lossAndGradient(w, data, C).L;
  const γ = (Math.sqrt(L0) * Math.log(L0 * C)) / C ** 0.25 / 4; // the range of the learning rate
  const adam = parameters.map(() => ({ mean: 0, square: 0 }));
  const rates = list(T, (t) => {
    const { L, g: d } = lossAndGradient(w, batch(data), C); // 1. training batch: loss L_t and direction d
    if (metaData && t % Tval === 0) {
      const { p } = network(L, memory); //                     α = γ p(L_t; θ)
      const ŵ = move(w, γ * p.value, d); //                    2. the look-ahead weights, and ∇L_val(ŵ) on held-out data
      const gradientAhead = lossAndGradient(ŵ, batch(metaData), C).g;
      backward(p, -γ * dot(gradientAhead, d)); //              3. dL_val/dθ = -γ <∇L_val(ŵ), d> dp/dθ: first order only
      const n = t / Tval + 1;
      for (const [k, { mean, square }] of adam.entries()) {
        const g = parameters[k]!.grad + 1e-4 * parameters[k]!.value; // θ <- Adam
        adam[k] = { mean: 0.9 * mean + 0.1 * g, square: 0.999 * square + 0.001 * g * g };
        const size = Math.sqrt(adam[k].square / (1 - 0.999 ** n)) + 1e-8;
        parameters[k]!.value -= (1e-3 * adam[k].mean) / (1 - 0.9 ** n) / size;
      }
    }
    const step = network(L, memory); // 4. α with the new θ, from the same memory, which moves on once
    memory = step.memory;
    w = move(w, γ * step.p.value, d); // the real step
    return γ * step.p.value;
  });
  return { γ, L0, rates, lastLoss: lossAndGradient(w, data, C).L };
}

/** Meta-training; then transfer, without meta data. (In the paper three snapshots of θ take turns in it.) */
export function run(): Record<"metaTraining" | "transfer", Run> {
  const data = points(3, 2, 360);
  const metaTraining = train(data.slice(60), 3, 900, data.slice(0, 60)); // the 60 are in no training batch
  return { metaTraining, transfer: train(points(5, 8, 500), 5, 600) }; // other sizes, all of the data
}

if (process.argv[1]?.endsWith("paper-in-one-file.ts"))
  for (const [name, { γ, L0, rates, lastLoss }] of Object.entries(run()))
    console.log(name, { γ, L0, lastLoss, firstRate: rates[0], lastRate: rates.at(-1) });
