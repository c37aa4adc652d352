/* The inner door: what other floors need of the schedules and users do not. No entry of the package. */
export { checkOptionNames, type OptionNames } from "./checks.ts";
export {
  encodeSchedule,
  equalFractions,
  initialiseParameters,
  presetInitialisations,
  withoutNetwork,
} from "./file.ts";
export { startGuard } from "./guard/guard-state.ts";
export { guardStep } from "./guard/guard-step.ts";
export { checkLimits } from "./guard/limits.ts";
export { importPyTorch } from "./import.ts";
export { adamStep } from "./mlr-snet/adam.ts";
export { FastCell } from "./mlr-snet/cell.fast.ts";
export { defaultGammaGuard, guardedGamma } from "./mlr-snet/gamma.ts";
export { guardedSchedule, learnedLimits } from "./mlr-snet/guarded-schedule.ts";
export { inputNames } from "./mlr-snet/inputs.ts";
export { needsHorizon } from "./mlr-snet/loss-statistics.ts";
export { scalesAt } from "./mlr-snet/output.ts";
export { parameterLayout } from "./mlr-snet/parameters.ts";
export { formatVersion } from "./mlr-snet/schedule-file.ts";
export { unknownName } from "./nearest-name.ts";
export { show } from "./show.ts";
