import { type OptimizerOptions, usualRate } from "../training/index.ts";

/** How far the search reaches below and above the reference rate. */
const reach = { below: 2, above: 32 };

/**
 * The base rate around which a schedule made by hand is searched: the usual one of the optimizer. A schedule whose base
 * rate is no learning rate (L4's fraction) keeps its own default.
 */
export function referenceRate(
  entry: { name: string; baseRateDefault: number },
  optimizer: OptimizerOptions,
): number {
  return entry.name === "l4" ? entry.baseRateDefault : usualRate(optimizer);
}

/**
 * The base rates of a search: r/2 to 32r in equal ratios, rounded to three digits; `trials` = 1: r alone.
 *
 * The same range and number for every schedule, so that none is searched harder than another.
 *
 * @example
 * rateGrid(0.1, 6); // [0.05, 0.115, 0.264, 0.606, 1.39, 3.2]
 */
export function rateGrid(reference: number, trials: number): number[] {
  if (trials === 1) return [reference];
  const ratio = (reach.below * reach.above) ** (1 / (trials - 1));
  return Array.from({ length: trials }, (_, trial) =>
    Number(((reference / reach.below) * ratio ** trial).toPrecision(3)),
  );
}

/** Of a grid that is searched beyond its edge: with fewer rates, the next one would be out of all reason. */
const fewestRates = 3;

/**
 * The next rate in the same ratio, where the best of a grid is its first or its last; else undefined.
 *
 * @param rates ascending, in equal ratios.
 */
export function rateBeyond(rates: readonly number[], best: number): number | undefined {
  if (rates.length < fewestRates || (best !== rates[0] && best !== rates.at(-1))) return undefined;
  const ratio = (rates.at(-1)! / rates[0]!) ** (1 / (rates.length - 1));
  return Number((best === rates[0] ? best / ratio : best * ratio).toPrecision(3));
}
