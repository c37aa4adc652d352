/**
 * T_val where none is given: 300, as in the released code, for runs as long as the paper's (200 epochs of 383
 * iterations), and as many updates of θ (256) for shorter ones.
 */
export function defaultUpdateEvery(steps: number): number {
  return Math.max(1, Math.min(300, Math.round(steps / 256)));
}

/** After how many steps snapshots are taken: the first epoch, half the run, all of it, as the paper's 1, 100, 200 of 200 epochs. */
export function snapshotSteps(steps: number, stepsPerEpoch: number): number[] {
  const halfEpochs = Math.floor(steps / stepsPerEpoch / 2);
  const half = halfEpochs >= 1 ? halfEpochs * stepsPerEpoch : Math.max(1, Math.floor(steps / 2));
  return [Math.min(stepsPerEpoch, half), half, steps];
}
