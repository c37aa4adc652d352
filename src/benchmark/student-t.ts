import { MlrSnetError } from "../errors.ts";

/**
 * The quantile of Student's t: the t with P(T ≤ t) = probability.
 *
 * @param probability in (0, 1).
 * @param degrees of freedom, ≥ 1.
 * @throws {MlrSnetError} `INVALID_ARGUMENT`.
 * @example
 * studentQuantile(0.95, 9); // 1.8331, the half width of a 90 % interval of ten values, in standard errors
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1) || !(degrees >= 1))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected a \`probability\` in (0, 1) and \`degrees\` ≥ 1, got ${probability} and ${degrees}.`,
    );
  if (probability < 0.5) return -studentQuantile(1 - probability, degrees);
  let [low, high] = [0, 1];
  while (studentProbability(high, degrees) < probability) high *= 2;
  while (high - low > 1e-13 * (1 + high)) {
    const middle = (low + high) / 2;
    if (studentProbability(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T ≤ t) = 1 - I_x(ν/2, 1/2) / 2 with x = ν / (ν + t²), for t ≥ 0. */
export function studentProbability(t: number, degrees: number): number {
  return 1 - incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

/** I_x(a, b), regularised. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The continued fraction converges fast on this side of the mean.
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

/** By the modified method of Lentz. */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      product *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return product;
}

const lanczos = [
  76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 1.208650973866179e-3,
  -5.395239384953e-6,
] as const;

/** ln Γ(x) for x > 0, by Lanczos' series of six terms: to 2e-10. */
function logGamma(x: number): number {
  const series = lanczos.reduce(
    (sum, coefficient, index) => sum + coefficient / (x + index + 1),
    1.000000000190015,
  );
  return (x + 0.5) * Math.log(x + 5.5) - (x + 5.5) + Math.log((2.5066282746310007 * series) / x);
}
