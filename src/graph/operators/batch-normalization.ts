import { MlrSnetError } from "../../errors.ts";
import { checkOptionNames } from "../../schedules/internal.ts";
import { placed } from "../batching.ts";
import { applyAll, type Operator } from "../operator.ts";
import { elements, scalar, type Value } from "../value.ts";
import { add, divide, multiply, negate, subtract } from "./arithmetic.ts";
import {
  apart,
  channelAffine,
  channelDot,
  channelSum,
  checkChannels,
  imagesOf,
  ofMembers,
  otherAxes,
  perChannel,
} from "./channels.ts";
import { sqrt } from "./unary.ts";

// With n elements per channel, s = 1 / sqrt(variance + epsilon) and x̂ = (x - mean) s:  y = scale x̂ + bias.
// dbias = sum dy,  dscale = sum dy x̂ = s (sum dy x - mean sum dy),
// dx = scale s (dy - dbias / n - x̂ dscale / n) = a dy + b x + c with one a, b, c per channel.
const batchNormalizationOperator: Operator<{ epsilon: number }> = {
  name: "batchNormalization",
  infer: ([x, scale, bias]) => {
    const channels = { shape: checkChannels(x!, [scale!, bias!]), dataType: "float32" } as const;
    return [{ shape: x!.shape, dataType: "float32" }, channels, channels];
  },
  gradient: ({ inputs: [x, scale], outputs, attributes: { epsilon } }, [dy, dMean, dVariance], wanted) => {
    if (dMean || dVariance)
      throw new MlrSnetError("NO_GRADIENT", "The statistics of `batchNormalization` have no gradient.");
    const [, mean, variance] = outputs;
    const perChannel = elements(x!.shape) / x!.shape[1]!;
    const s = divide(scalar(1), sqrt(add(variance!, epsilon)));
    const dBias = channelSum(dy!);
    const dScale = multiply(s, subtract(channelDot(dy!, x!), multiply(mean!, dBias)));
    const dx = () => {
      const a = multiply(scale!, s);
      const b = negate(multiply(a, multiply(s, multiply(dScale, 1 / perChannel))));
      const c = negate(add(multiply(a, multiply(dBias, 1 / perChannel)), multiply(b, mean!)));
      return add(channelAffine(dy!, a, c), channelAffine(x!, b));
    };
    return [wanted[0] ? dx() : undefined, dScale, dBias];
  },
  batching: ({ attributes }, [x, scale, bias], members) => {
    const values = [perChannel(scale!, members), perChannel(bias!, members)] as const;
    const { y, mean, variance } = batchNormalization(imagesOf(x!, members), ...values, attributes);
    return [...placed([apart(y, members)], 1), ofMembers(mean, members), ofMembers(variance, members)];
  },
  lowerings: {
    onnx: {
      supports: (_node, provider) => provider === "cpu",
      emit: (emitter, { inputs: [x], attributes: { epsilon } }, names) => {
        // momentum 0 makes the "running" statistics those of the batch; the variance is the population's.
        // The kernel writes them over the statistics it is given, even over constants that other nodes read:
        // hence two tensors of this x's own, whose values do not matter.
        const others = otherAxes(x!);
        const [starts, ends] = [0, 1].map((value) => emitter.integers(others.map(() => value)));
        const [corner] = emitter.node("Slice", [names[0]!, starts!, ends!, emitter.integers(others)]);
        const [mean] = emitter.node("Reshape", [corner!, emitter.integers([-1])]);
        const [variance] = emitter.node("Neg", [mean!]);
        return emitter.node(
          "BatchNormalization",
          [...names, mean!, variance!],
          { epsilon: { float: epsilon }, momentum: { float: 0 }, training_mode: 1 },
          { outputs: 3 },
        );
      },
    },
    composed: {
      supports: (_node, provider) => provider !== "cpu",
      emit: (emitter, { inputs: [x], attributes: { epsilon } }, names) => {
        const axes = otherAxes(x!);
        const meanOf = (name: string) => emitter.node("ReduceMean", [name], { axes, keepdims: 1 })[0]!;
        const flat = (name: string) => emitter.node("Reshape", [name, emitter.integers([-1])])[0]!;
        const mean = meanOf(names[0]!);
        const [centred] = emitter.node("Sub", [names[0]!, mean]);
        const variance = flat(meanOf(emitter.node("Mul", [centred!, centred!])[0]!));
        const inputs = [...names, flat(mean), variance];
        const [y] = emitter.node("BatchNormalization", inputs, { epsilon: { float: epsilon } });
        return [y!, flat(mean), variance];
      },
    },
  },
};

/**
 * Normalises each channel over the batch, then scales and shifts it.
 *
 *     y = scale (x - mean) / sqrt(variance + epsilon) + bias
 *
 * @param x [batch, channels, ...], any number of spatial axes. @param scale [channels]. @param bias [channels].
 * @returns y, and the batch's mean and variance, each [channels], not differentiable. The variance is the
 * population's (divided by n); PyTorch normalises with it too, but keeps n / (n - 1) times it as running statistic.
 */
export function batchNormalization(
  x: Value,
  scale: Value,
  bias: Value,
  options: { epsilon?: number } = {},
): { y: Value; mean: Value; variance: Value } {
  checkOptionNames("`batchNormalization`", options, { epsilon: true });
  const { epsilon = 1e-5 } = options;
  const [y, mean, variance] = applyAll(batchNormalizationOperator, [x, scale, bias], { epsilon });
  return { y: y!, mean: mean!, variance: variance! };
}

/** Batch normalisation with given statistics: what a trained network does. All but x are [channels]. */
export function batchNormalizationInference(
  x: Value,
  scale: Value,
  bias: Value,
  statistics: { mean: Value; variance: Value },
  options: { epsilon?: number } = {},
): Value {
  checkOptionNames("`batchNormalizationInference`", options, { epsilon: true });
  checkOptionNames("the statistics of `batchNormalizationInference`", statistics, {
    mean: true,
    variance: true,
  });
  const a = divide(scale, sqrt(add(statistics.variance, options.epsilon ?? 1e-5)));
  return channelAffine(x, a, subtract(bias, multiply(a, statistics.mean)));
}
