import type { RunContext } from "../schedules/index.ts";

/** One line for every schedule of the catalogue. */
export const summaries: Readonly<Record<string, string>> = {
  constant: "the same rate at every step",
  multistep: "drops by 10 at 30 % and 60 % of the run",
  exponential: "decays by the same factor each step, to 1/1000 of the base rate",
  polynomial: "falls to zero with the square of what is left of the run",
  linear: "a straight line to zero",
  cosine: "half a cosine wave to zero",
  sgdr: "cosine cycles with warm restarts, each twice as long as the last",
  "sgdr-budget": "the same, the last cycle ending with the run",
  onecycle: "one cosine wave: up to the base rate, then far down",
  wsd: "warm-up, stable, a fall to zero over the last fifth",
  invsqrt: "a rise, then a fall with the square root of the step",
  plateau: "drops by 10 when the loss has stopped falling",
  hd: "hypergradient descent: adapts to how gradients align",
  l4: "aims a fixed part of the way to a target loss; the base rate is that part",
};

type Listed = Readonly<Record<string, { summary: string; needs: readonly (keyof RunContext)[] }>>;

/** What learned schedules are measured against, by their whole names: as `zoo`. */
export const references: Listed = {
  "calibrated:linear": {
    summary: "5 % warm-up, a line to zero from a fitted multiple of the usual rate",
    needs: ["totalSteps"],
  },
  "calibrated:cosine": { summary: "the same, half a cosine wave to zero", needs: ["totalSteps"] },
  "calibrated:onecycle": { summary: "the same, one-cycle with a rise of its own", needs: ["totalSteps"] },
  "control:no-network": {
    summary: "the cell of zoo:default, θ = 0, from 8 times the usual rate",
    needs: ["totalSteps"],
  },
  "control:paper-raw": {
    summary: "zoo:paper with its rates as they are, for plain SGD",
    needs: ["classes", "totalSteps"],
  },
};

/** The learned schedules of the package, by name: one line, and what of the run's context `init` needs. */
export const zoo: Listed = {
  default: { summary: "learned to transfer, for runs of known length", needs: ["totalSteps"] },
  anytime: { summary: "learned to transfer, for runs that may stop at any time", needs: [] },
  paper: {
    summary: "learned by the paper's recipe, in units of the usual rate",
    needs: ["classes", "totalSteps"],
  },
};
