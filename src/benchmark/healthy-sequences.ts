import { Random } from "../random.ts";
import { type ShapeValues, shapes } from "./healthy-shapes.ts";

/** What is tuned on, and what is judged by: disjoint. */
export type HealthyPart = "fit" | "judge";

/** Losses made by formula: all of them from these numbers. JSON-safe. */
export type HealthySequence = {
  name: string;
  /** F3 to F12, F14. */
  failure: string;
  /** A key of `shapes`. */
  shape: string;
  steps: number;
  seed: number;
  values: ShapeValues;
  /** The losses are scale · shape + offset. */
  scale: number;
  offset: number;
};

/** Sequences of each shape as it is, and as many again moved or scaled. */
const plain = 20;
const moved = 20;

const seeds: Record<HealthyPart, number> = { fit: 2611, judge: 7307 };

/** The small inputs that failed, as they were found; they judge. */
const found: readonly [
  failure: string,
  shape: string,
  steps: number,
  values: ShapeValues,
  offset?: number,
][] = [
  ["F3", "constant", 1000, { first: 0.1, level: 2.2, noise: 0 }],
  ["F4", "decay", 1000, { first: 0.05, start: 2, falls: 2.5, noise: 0 }],
  ["F5", "quarter", 1000, { share: 0.25, level: 2, fall: 0, noise: 0 }],
  ["F6", "alternating", 1000, { easy: 0.05, hard: 3, period: 1, falls: 2, noise: 0 }],
  ["F6", "alternating", 1000, { easy: 0.1, hard: 2.5, period: 1, falls: 2, noise: 0 }],
  ["F7", "rare", 2000, { common: 0.01, rare: 1, share: 0.02, noise: 0 }],
  ...[100, 175, 250].map((wait): [string, string, number, ShapeValues] => [
    "F8",
    "slow-start",
    800,
    { level: 1.386294, first: 0.9925744, wait, time: 150, end: 0.4, noise: 0.01 },
  ]),
  ["F9", "fine-tuning", 10_000, { start: 1, fall: 0.04, noise: 0.05, nan: 0 }],
  ["F9", "fine-tuning", 10_000, { start: 1, fall: 0.04, noise: 0.05, nan: 0.95 }],
  ["F10", "lone-nan", 100_000, { start: 10, end: 3, noise: 0.05, at: 0.24 }],
  ["F10", "lone-outlier", 100_000, { start: 10, end: 3, noise: 0.05, at: 0.249, times: 100 }],
  ["F10", "many-nans", 100_000, { start: 10, end: 3, noise: 0.05, every: 500 }],
  ["F11", "rising", 5000, { start: 2.3, rise: 0.0128, noise: 0 }],
  ...[0.5, 0.8].map((at): [string, string, number, ShapeValues] => [
    "F12",
    "curriculum",
    1000,
    { start: 2.3, before: 0.8, at, jump: 2.5, end: 0.017, noise: 0 },
  ]),
  ["F12", "oscillation", 2000, { level: 1, swing: 0.8, period: 100, drift: 0, noise: 0.1 }],
  ["F12", "log-normal", 2000, { start: 1, falls: 1, noise: 1.5 }],
  ["F12", "label-noise", 2000, { level: 2.4, fall: 0.03, noise: 0.15 }],
  ["F14", "decay", 1000, { first: 4, start: 4, falls: 5, noise: 0 }, -5],
];

/** Every sequence of a part. The same part gives the same numbers. */
export function healthySequences(part: HealthyPart): HealthySequence[] {
  const drawn = Object.entries(shapes).flatMap(([shape, { failure }]) =>
    Array.from({ length: plain + moved }, (_, index): HealthySequence => {
      const { steps, ...values } = drawValues(part, shape, index);
      const name = `${part}/${shape}/${index}`;
      return { name, failure, shape, steps: steps!, seed: seeds[part], values, ...move(part, shape, index) };
    }),
  );
  if (part === "fit") return drawn;
  const exact = found.map(([failure, shape, steps, values, offset = 0], index): HealthySequence => {
    const name = `${part}/${shape}/${failure}-found-${index}`;
    return { name, failure, shape, steps, seed: seeds[part], values, scale: 1, offset };
  });
  return [...exact, ...drawn];
}

/** The losses of a sequence [steps], and the steps that were planted in it: a guard may skip those. */
export function lossesOf({ name, shape, steps, seed, values, scale, offset }: HealthySequence): {
  losses: Float64Array;
  planted: readonly number[];
} {
  const { losses, planted = [] } = shapes[shape]!.make(values, steps, new Random(seed, "healthy", name));
  for (let t = 0; t < steps; t++) losses[t] = scale * losses[t]! + offset;
  return { losses, planted };
}

function drawValues(part: HealthyPart, shape: string, index: number): Record<string, number> {
  const random = new Random(seeds[part], "healthy-values", shape, index);
  return Object.fromEntries(
    Object.entries(shapes[shape]!.ranges).map(([name, [low, high]]) => {
      const u = random.uniform();
      const value = low > 0 ? low * (high / low) ** u : low + (high - low) * u;
      const whole = ["steps", "period", "wait", "every"].includes(name);
      return [name, whole ? Math.round(value) : Number(value.toPrecision(4))];
    }),
  );
}

/** The second half is moved below or above 0, scaled, or both, in turn. */
function move(part: HealthyPart, shape: string, index: number): { scale: number; offset: number } {
  if (index < plain) return { scale: 1, offset: 0 };
  const random = new Random(seeds[part], "healthy-move", shape, index);
  const scale = Number((10 ** (6 * random.uniform() - 3)).toPrecision(3));
  const below = Number((-5 - 5 * random.uniform()).toPrecision(3));
  const above = Number((50 * random.uniform()).toPrecision(3));
  const moves = [
    { scale: 1, offset: below },
    { scale: 1, offset: above },
    { scale, offset: 0 },
    { scale, offset: scale * below },
  ];
  return moves[index % moves.length]!;
}
