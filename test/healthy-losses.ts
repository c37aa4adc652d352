import { readFileSync } from "node:fs";

/** Losses of a run that goes well, and what it was. */
export type HealthyRun = {
  network: string;
  schedule: string;
  baseRate: number;
  batchSize: number;
  noise: number;
  initialLoss: number;
  losses: number[];
};

/** Made by golden/healthy-losses.mjs. */
export const healthyRuns = JSON.parse(
  readFileSync(new URL("golden/healthy-losses.json", import.meta.url), "utf8"),
) as HealthyRun[];
