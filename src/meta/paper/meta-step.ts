import type { MetaLearner } from "../../schedules/index.ts";
import type { Batch, Learner } from "../../training/index.ts";

/** What an update of θ saw and did. */
export type MetaUpdate = {
  /** α of the look-ahead step, γ p(L_t; θ). */
  lookAheadRate: number;
  /** L_val(ŵ), nats per example. */
  lookAheadLoss: number;
  /** <∇L_val(ŵ), d>: above zero, validation would have preferred a larger step; below, a smaller one. */
  innerProduct: number;
};

export type MetaStep = {
  /** L_t. */
  loss: number;
  /** α of the real step; absent where `loss` or the look-ahead is not finite: the network has diverged and keeps still. */
  learningRate?: number;
  update?: MetaUpdate;
};

/**
 * One step of the paper's meta-training.
 *
 *     1. L, g at w on the learner's batch; d from g;  α = γ p(L; θ)
 *     2. ŵ = w - α d;  L_val at ŵ on the validation batch
 *     3. θ <- Adam(dL_val/dθ),  dL_val/dθ = -γ <∇L_val(ŵ), d> dp/dθ
 *     4. α again with the new θ, from the same memory;  w <- w - α d
 *
 * Without a validation batch only L, d and 4. The memory advances once (the released code: twice where θ is updated).
 *
 * @param onHypergradient is given dL_val/dθ, flat, before Adam's L2 term.
 * @see arXiv 2007.14546; the authors' released meta-train code
 */
export async function metaStep(
  learner: Learner,
  metaLearner: MetaLearner,
  validationBatch: Batch | undefined,
  onHypergradient?: (gradient: Float64Array) => void,
): Promise<MetaStep> {
  const { loss } = await learner.gradients();
  if (!Number.isFinite(loss)) return { loss };
  const step: MetaStep = { loss };
  if (validationBatch) {
    const lookAheadRate = metaLearner.propose(loss);
    const { validationLoss, innerProduct } = await learner.lookAhead(lookAheadRate, validationBatch);
    step.update = { lookAheadRate, lookAheadLoss: validationLoss, innerProduct };
    if (!Number.isFinite(validationLoss) || !Number.isFinite(innerProduct)) return step;
    const gradient = metaLearner.learn(innerProduct);
    onHypergradient?.(gradient);
  }
  step.learningRate = metaLearner.commit(loss);
  await learner.apply(step.learningRate);
  return step;
}
