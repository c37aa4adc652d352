import {
  add,
  geluTanh,
  reduceMean,
  relu,
  reshapeTo,
  slice,
  tanh,
  transpose,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import {
  batchNormalizationLayer,
  convolutionLayer,
  embeddingLayer,
  gruLayer,
  type Initialiser,
  layerNormalizationLayer,
  linearLayer,
  type Model,
  normal,
  type Scope,
  selfAttentionLayer,
  uniformFanIn,
} from "../nn/index.ts";

/** One of a finite grid of small networks that meta-training draws from. */
export type NetworkSpec = {
  readonly family: "linear" | "mlp" | "residual-mlp" | "conv1d" | "conv2d" | "gru" | "attention" | "bag";
  /** Hidden units, channels or features, ≥ 1. */
  readonly width: number;
  /** Hidden layers, convolutions, stacked GRUs or attention blocks, ≥ 1; `linear` has none. */
  readonly depth: number;
  readonly activation: "relu" | "tanh" | "gelu";
  readonly normalization: "none" | "batch" | "layer";
  readonly classes: number;
  /** Tokens run from 0 to below it; default 32. */
  readonly vocabulary?: number;
};

/** Values of one time step where a sequence of numbers is read by `gru` and `attention`. */
export const stepValues = 4;

/**
 * A network of the grid: x to logits [batch, classes].
 *
 * x is float32 [batch, features] for `linear`, `mlp` and `residual-mlp`; [batch, length] for `conv1d`;
 * [batch, side, side, channels] for `conv2d`; [batch, 4 * time] for `gru` and `attention`, or int32 [batch, time],
 * tokens, as for `bag`.
 */
export function drawnNetwork(spec: NetworkSpec): Model {
  return (scope, x) =>
    linearLayer(scope.child("linear"), families[spec.family](scope, x, spec), spec.classes);
}

/** From x to what the last linear layer reads: [batch, features]. */
type Family = (scope: Scope, x: Value, spec: NetworkSpec) => Value;

const families: Record<NetworkSpec["family"], Family> = {
  linear: (_scope, x) => x,
  mlp: (scope, x, spec) => hiddenLayers(scope, x, spec),
  "residual-mlp": (scope, x, spec) => hiddenLayers(scope, x, spec, true),
  conv1d: (scope, x, spec) => {
    const [batch, length] = x.shape as [number, number];
    return convolutions(scope, reshapeTo(x, [batch, 1, length]), spec);
  },
  conv2d: (scope, x, spec) => convolutions(scope, transpose(x, [0, 3, 1, 2]), spec),
  gru: (scope, x, spec) => {
    let h = sequence(scope, x, spec);
    for (let layer = 1; layer <= spec.depth; layer++) h = gruLayer(scope.child(`gru${layer}`), h, spec.width);
    const [batch, time, width] = h.shape as [number, number, number];
    return normalise(scope.child("norm"), reshapeTo(slice(h, 1, time - 1, time), [batch, width]), spec);
  },
  attention: (scope, x, spec) => {
    let h = withPositions(scope, x, spec);
    for (let block = 1; block <= spec.depth; block++) {
      const part = scope.child(`block${block}`);
      h = add(h, selfAttentionLayer(part.child("attention"), normalise(part.child("norm1"), h, spec, -1)));
      const inner = linearLayer(
        part.child("linear"),
        normalise(part.child("norm2"), h, spec, -1),
        spec.width,
      );
      h = add(h, activate(inner, spec));
    }
    return reduceMean(h, [1]);
  },
  bag: (scope, x, { vocabulary = 32, ...spec }) => {
    const vectors = embeddingLayer(scope.child("embedding"), x, vocabulary, spec.width);
    return hiddenLayers(scope, reduceMean(vectors, [1]), spec);
  },
};

function hiddenLayers(scope: Scope, x: Value, spec: NetworkSpec, residual = false): Value {
  let h = x;
  for (let layer = 1; layer <= spec.depth; layer++) {
    const bias = spec.normalization === "none";
    const linear = linearLayer(scope.child(`hidden${layer}`), h, spec.width, { bias });
    const out = activate(normalise(scope.child(`norm${layer}`), linear, spec), spec);
    h = residual && layer > 1 ? add(h, out) : out;
  }
  return h;
}

/** Kernels of side 5 then 3 (always 3 on images), stride 2; then the mean over positions where normalised, else all of them. */
function convolutions(scope: Scope, x: Value, spec: NetworkSpec): Value {
  let h = x;
  for (let layer = 1; layer <= spec.depth; layer++) {
    const side = x.shape.length === 3 && layer === 1 ? 5 : 3;
    const bias = spec.normalization === "none";
    const options = { stride: 2, padding: (side - 1) / 2, bias, initialise: channelsFastest };
    h = convolutionLayer(scope.child(`conv${layer}`), h, spec.width, side, options);
    h = activate(normalise(scope.child(`norm${layer}`), h, spec), spec);
  }
  const [batch, width, ...spatial] = h.shape as [number, number, ...number[]];
  const flat = reshapeTo(h, [batch, width, elements(spatial)]);
  return spec.normalization === "none"
    ? reshapeTo(flat, [batch, width * elements(spatial)])
    : reduceMean(flat, [2]);
}

/** As convolutions are drawn, the numbers in the order [out, ...kernel, in] of the form that is made by hand. */
const channelsFastest: Initialiser = (shape, random) => {
  const [outputs, channels, ...kernel] = shape as [number, number, ...number[]];
  const taps = elements(kernel);
  const drawn = uniformFanIn(channels * taps)(shape, random);
  const at = (output: number, tap: number, channel: number): number =>
    drawn[(output * taps + tap) * channels + channel]!;
  return Float32Array.from(drawn, (_, i) =>
    at(Math.floor(i / (channels * taps)) % outputs, i % taps, Math.floor(i / taps) % channels),
  );
};

/** [batch, time, features] of numbers, or [batch, time, width] of tokens. */
function sequence(scope: Scope, x: Value, { width, vocabulary = 32 }: NetworkSpec): Value {
  if (x.dataType === "int32") return embeddingLayer(scope.child("embedding"), x, vocabulary, width);
  const [batch, length] = x.shape as [number, number];
  return reshapeTo(x, [batch, length / stepValues, stepValues]);
}

/** [batch, time, width]: tokens' vectors, or numbers mapped to them, and a learned vector added to each position. */
function withPositions(scope: Scope, x: Value, spec: NetworkSpec): Value {
  const steps = sequence(scope, x, spec);
  const h = x.dataType === "int32" ? steps : linearLayer(scope.child("input"), steps, spec.width);
  return add(h, scope.parameter("positions", [h.shape[1]!, spec.width], normal(0.1)));
}

/** @param axis the features' axis of x. */
function normalise(scope: Scope, x: Value, { normalization }: NetworkSpec, axis: 1 | -1 = 1): Value {
  if (normalization === "none") return x;
  if (normalization === "layer") return layerNormalizationLayer(scope, x, { axis });
  if (axis === 1) return batchNormalizationLayer(scope, x);
  return transpose(batchNormalizationLayer(scope, transpose(x, [0, 2, 1])), [0, 2, 1]);
}

function activate(x: Value, { activation }: NetworkSpec): Value {
  return { relu, tanh, gelu: geluTanh }[activation](x);
}
