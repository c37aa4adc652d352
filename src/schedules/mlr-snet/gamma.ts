import { checkChoice, checkCount, checkNotNegative, checkNumber, refuse } from "../checks.ts";
import type { RangeKind } from "./config.ts";

/**
 * What to do where γ comes out as zero or negative, that is where L0·C ≤ 1.
 * `abs`: |γ|, as the released code; near L0·C = 1 the run then trains with a rate of almost 0.
 * `floor`: γ is at least `fraction` of γ(ln C), the range of an initial loss of ln C, that of uniform predictions.
 */
export type GammaGuard = { mode: "abs" } | { mode: "floor"; fraction: number };

/** 0.05: for ten classes about the most that |γ| reaches anywhere in its negative region (0.049). */
export const defaultGammaGuard: GammaGuard = { mode: "floor", fraction: 0.05 };

/** @throws {MlrSnetError} `INVALID_ARGUMENT` for an unknown mode or a fraction outside (0, 1]. */
export function checkGammaGuard(guard: GammaGuard = defaultGammaGuard): GammaGuard {
  if (guard.mode === "floor")
    checkNumber("gammaGuard.fraction", guard.fraction, "above 0 and at most 1", (f) => f > 0 && f <= 1);
  else checkChoice("gammaGuard.mode", guard.mode, ["abs", "floor"]);
  return guard;
}

/**
 * γ, the range of the learning rate, without a guard: α = γ·p.
 *
 *     γ = √L0 · ln(L0·C) / C^(1/4) / 4
 *
 * @param loss mean training loss in nats, ≥ 0; `perplexity` puts exp(loss) in the place of L0.
 * @param classes C ≥ 2, or the vocabulary size.
 * @returns zero where L0·C = 1, negative below. C = 10 and L0 = ln 10 give 0.669.
 * @see the authors' released code, meta-train and meta-test; the paper does not give it.
 */
export function learningRateRange(loss: number, classes: number, kind: RangeKind = "loss"): number {
  checkNotNegative("the loss behind γ", loss);
  checkCount("classes", classes, 2);
  const L0 = kind === "perplexity" ? Math.exp(loss) : loss;
  if (L0 === 0) return 0; // the limit; the formula itself gives 0 · ∞
  const gamma = (Math.sqrt(L0) * Math.log(L0 * classes)) / classes ** 0.25 / 4;
  return Number.isFinite(gamma)
    ? gamma
    : refuse("γ to be finite", `${gamma} for a loss of ${loss}`, "NOT_FINITE");
}

/** γ behind its guard; `warning` says what the guard did, and is absent where it left γ alone. */
export function guardedGamma(
  loss: number,
  classes: number,
  kind: RangeKind,
  guard: GammaGuard,
): { gamma: number; warning?: string } {
  const raw = learningRateRange(loss, classes, kind);
  const least =
    guard.mode === "abs"
      ? Math.abs(raw)
      : guard.fraction * learningRateRange(Math.log(classes), classes, kind);
  if (raw >= least) return { gamma: raw };
  const warning = `γ is ${raw} for a loss of ${loss} and ${classes} classes; the gamma guard "${guard.mode}" makes it ${least}.`;
  return { gamma: least, warning };
}
