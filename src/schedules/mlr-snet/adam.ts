/** `learningRate` > 0, `beta1` and `beta2` in [0, 1), `epsilon` > 0, `weightDecay` ≥ 0 (L2: added to the gradient). */
export type AdamOptions = {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
};

/** The paper's Adam for θ. */
export const paperAdam: AdamOptions = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 1e-4,
};

/** Number of updates so far, and the running means of gradient and squared gradient; JSON-safe. */
export type AdamState = { updates: number; m: number[]; v: number[] };

/**
 * One update of θ in place.
 *
 *     g ← g + weightDecay·θ,  m ← β1·m + (1-β1)·g,  v ← β2·v + (1-β2)·g²
 *     θ ← θ - lr · m/(1-β1ᵗ) / (√(v/(1-β2ᵗ)) + ε)
 *
 * @see Kingma and Ba, arXiv:1412.6980; L2 and not decoupled decay, as torch.optim.Adam.
 */
export function adamStep(
  theta: Float64Array,
  gradient: Float64Array,
  state: AdamState,
  options: AdamOptions,
): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = options;
  const t = ++state.updates;
  const { m, v } = state;
  const rate = learningRate / (1 - beta1 ** t);
  const root = Math.sqrt(1 - beta2 ** t);
  for (let k = 0; k < theta.length; k++) {
    const g = gradient[k]! + weightDecay * theta[k]!;
    m[k] = beta1 * m[k]! + (1 - beta1) * g;
    v[k] = beta2 * v[k]! + (1 - beta2) * g * g;
    theta[k]! -= (rate * m[k]!) / (Math.sqrt(v[k]!) / root + epsilon);
  }
}
