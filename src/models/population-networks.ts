import {
  add,
  concat,
  geluTanh,
  reduceMean,
  relu,
  reshapeTo,
  tanh,
  transpose,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { type Model, normal, type Scope } from "../nn/index.ts";
import {
  oneHot,
  populationAttention,
  populationBatchNormalization,
  populationConvolution,
  populationEmbedding,
  populationGru,
  populationLayerNormalization,
  populationLinear,
  populationRows,
} from "../nn/internal.ts";
import { type NetworkSpec, stepValues } from "./drawn-networks.ts";

/**
 * `drawnNetwork` made by hand for a population, in a third to all of the time of its batching rules: x without an axis of
 * members, as there, to logits [members, batch, classes]. Kernels of convolutions have the channels last, else parameters
 * are those of `drawnNetwork`; the test holds the two together.
 */
export function populationNetwork(spec: NetworkSpec): Model {
  return (scope, x) => {
    const features = families[spec.family](scope, x, spec);
    const logits = populationLinear(scope.child("linear"), features, spec.classes);
    return transpose(logits, [0, 2, 1]);
  };
}

/** From x to what the last linear layer reads: [members, features, batch], or [features, batch] as it came. */
type Family = (scope: Scope, x: Value, spec: NetworkSpec) => Value;

const families: Record<NetworkSpec["family"], Family> = {
  linear: (_scope, x) => transpose(x),
  mlp: (scope, x, spec) => hiddenLayers(scope, transpose(x), spec),
  "residual-mlp": (scope, x, spec) => hiddenLayers(scope, transpose(x), spec, true),
  conv1d: (scope, x, spec) => {
    const [batch, length] = x.shape as [number, number];
    return convolutions(scope, reshapeTo(transpose(x), [1, length, batch]), spec, 1);
  },
  conv2d: (scope, x, spec) => convolutions(scope, transpose(x, [3, 1, 2, 0]), spec, 2),
  gru: (scope, x, spec) => {
    let h = sequence(scope, x, spec);
    for (let layer = 1; layer <= spec.depth; layer++) {
      const states = populationGru(scope.child(`gru${layer}`), h, spec.width);
      if (layer === spec.depth) return normalise(scope.child("norm"), states.at(-1)!, spec);
      const [members, width, batch] = states[0]!.shape as [number, number, number];
      h = concat(
        states.map((state) => reshapeTo(state, [members, width, 1, batch])),
        2,
      );
    }
    return h;
  },
  attention: (scope, x, spec) => {
    let h = withPositions(scope, sequence(scope, x, spec), spec.width);
    const [members, batch, time, width] = h.shape as [number, number, number, number];
    for (let block = 1; block <= spec.depth; block++) {
      const part = scope.child(`block${block}`);
      h = add(h, populationAttention(part.child("attention"), normalise(part.child("norm1"), h, spec, -1)));
      const rows = reshapeTo(normalise(part.child("norm2"), h, spec, -1), [members, batch * time, width]);
      const inner = populationRows(part.child("linear"), rows, width);
      h = add(h, reshapeTo(activate(inner, spec), h.shape));
    }
    return transpose(reduceMean(h, [2]), [0, 2, 1]);
  },
  bag: (scope, x, { vocabulary = 32, ...spec }) => {
    // The mean of the tokens' vectors is the table times the tokens' frequencies, which all members share.
    const frequencies = reduceMean(oneHot(x, vocabulary), [1]);
    const mean = populationEmbedding(scope.child("embedding"), frequencies, spec.width);
    return hiddenLayers(scope, mean, spec);
  },
};

function hiddenLayers(scope: Scope, x: Value, spec: NetworkSpec, residual = false): Value {
  let h = x;
  for (let layer = 1; layer <= spec.depth; layer++) {
    const bias = spec.normalization === "none";
    const linear = populationLinear(scope.child(`hidden${layer}`), h, spec.width, { bias });
    const out = activate(normalise(scope.child(`norm${layer}`), linear, spec), spec);
    h = residual && layer > 1 ? add(h, out) : out;
  }
  return h;
}

/** Kernels of side 5 then 3 (always 3 on images), stride 2; then the mean over positions where normalised, else all of them. */
function convolutions(scope: Scope, x: Value, spec: NetworkSpec, axes: number): Value {
  let h = x;
  for (let layer = 1; layer <= spec.depth; layer++) {
    const side = axes === 1 && layer === 1 ? 5 : 3;
    const options = { stride: 2, padding: (side - 1) / 2, bias: spec.normalization === "none" };
    const kernel = Array<number>(axes).fill(side);
    h = populationConvolution(scope.child(`conv${layer}`), h, spec.width, kernel, options);
    h = activate(normalise(scope.child(`norm${layer}`), h, spec), spec);
  }
  const batch = h.shape.at(-1)!;
  const positions = elements(h.shape.slice(2, -1));
  return spec.normalization === "none"
    ? reshapeTo(h, [h.shape[0]!, spec.width * positions, batch])
    : reduceMean(reshapeTo(h, [h.shape[0]!, spec.width, positions, batch]), [2]);
}

/** [features, time, batch] of numbers, or [members, width, time, batch] of tokens. */
function sequence(scope: Scope, x: Value, { width, vocabulary = 32 }: NetworkSpec): Value {
  if (x.dataType === "int32")
    return populationEmbedding(scope.child("embedding"), oneHot(x, vocabulary), width);
  const [batch, length] = x.shape as [number, number];
  return transpose(reshapeTo(x, [batch, length / stepValues, stepValues]), [2, 1, 0]);
}

/** [members, batch, time, width]: numbers mapped to `width` features, and a learned vector added to each position. */
function withPositions(scope: Scope, x: Value, width: number): Value {
  const [features, time, batch] = x.shape.slice(-3) as [number, number, number];
  const { population: members } = scope;
  const rows = () => reshapeTo(transpose(x), [batch * time, features]);
  const h =
    x.shape.length === 4
      ? transpose(x, [0, 3, 2, 1])
      : reshapeTo(populationRows(scope.child("input"), rows(), width), [members, batch, time, width]);
  const positions = scope.parameter("positions", [time, width], normal(0.1));
  return add(h, reshapeTo(positions, [members, 1, time, width]));
}

/** @param axis the features' axis of x. */
function normalise(scope: Scope, x: Value, { normalization }: NetworkSpec, axis: 1 | -1 = 1): Value {
  if (normalization === "none") return x;
  if (normalization === "layer") return populationLayerNormalization(scope, x, { axis });
  if (axis === 1) return populationBatchNormalization(scope, x);
  const [front, back] = [
    [0, 3, 1, 2],
    [0, 2, 3, 1],
  ];
  return transpose(populationBatchNormalization(scope, transpose(x, front)), back);
}

function activate(x: Value, { activation }: NetworkSpec): Value {
  return { relu, tanh, gelu: geluTanh }[activation](x);
}
