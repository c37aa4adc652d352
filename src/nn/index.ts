export { filled, normalFanIn, uniform, uniformFanIn } from "./initialise.ts";
export { initialWeights, type Layout, layOut, views } from "./layout.ts";
export {
  type Initialiser,
  type MaskSpec,
  type Mode,
  type Model,
  type ParameterSpec,
  Scope,
  type StatisticSpec,
} from "./scope.ts";
