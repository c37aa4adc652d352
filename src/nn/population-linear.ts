import { MlrSnetError } from "../errors.ts";
import { add, cast, constant, equal, matMul, reshapeTo, transpose, type Value } from "../graph/index.ts";
import { elements, shapeOf } from "../graph/internal.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { normal, uniformFanIn } from "./initialise.ts";
import { buildLayer, checkSize } from "./layer.ts";
import type { Initialiser } from "./registry.ts";
import type { Scope } from "./scope.ts";

/*
 * Layers of populations hold their tensors as [members, features, ...positions, batch]: the batch last. A weight
 * then multiplies from the left and is never transposed, slices of features and positions are long runs of memory,
 * and members and channels together are the channels of the normalisation kernels. Attention alone has features last.
 */

/**
 * y = W x + b with each member's own W and b, parameters `weight` [out, in] and `bias` [out] as `linearLayer`.
 *
 * @param x [members, in, columns], or [in, columns], the same for all members. @returns [members, out, columns].
 */
export function populationLinear(
  scope: Scope,
  x: Value,
  outputs: number,
  options: { bias?: boolean; initialise?: Initialiser } = {},
): Value {
  return buildLayer("populationLinear", scope, x, { axes: "[members, in, columns]", rank: [2, 3] }, () => {
    checkOptionNames("`populationLinear`", options, { bias: true, initialise: true });
    checkSize("outputs", outputs);
    scope.take("populationLinear");
    return memberProduct(scope, x, outputs, options);
  });
}

/**
 * As `populationLinear`, features last: y = x W^T + b for each row.
 *
 * @param x [members, rows, in], or [rows, in], the same for all members. @returns [members, rows, out].
 */
export function populationRows(scope: Scope, x: Value, outputs: number): Value {
  return buildLayer("populationRows", scope, x, { axes: "[members, rows, features]", rank: [2, 3] }, () => {
    checkSize("outputs", outputs);
    scope.take("populationRows");
    const features = x.shape.at(-1)!;
    const draw = uniformFanIn(features);
    const weight = scope.parameter("weight", [outputs, features], draw);
    const bias = reshapeTo(scope.parameter("bias", [outputs], draw), [scope.population, 1, outputs]);
    return add(matMul(x, weight, { transposeB: true }), bias);
  });
}

/** `populationLinear`, for layers that are made of it. */
export function memberProduct(
  scope: Scope,
  x: Value,
  outputs: number,
  options: { bias?: boolean; initialise?: Initialiser },
): Value {
  const { bias = true } = options;
  const features = x.shape.at(-2)!;
  const draw = uniformFanIn(features);
  const product = matMul(scope.parameter("weight", [outputs, features], options.initialise ?? draw), x);
  if (!bias) return product;
  return add(product, reshapeTo(scope.parameter("bias", [outputs], draw), [scope.population, outputs, 1]));
}

/**
 * Each token as a column with a single 1: what an embedding multiplies. Meant for small vocabularies.
 *
 * @param tokens int32 [batch, time], from 0 to `vocabulary` - 1. @returns [vocabulary, time, batch].
 */
export function oneHot(tokens: Value, vocabulary: number): Value {
  const shape = shapeOf("oneHot", tokens);
  checkSize("vocabulary", vocabulary);
  if (shape.length !== 2 || tokens.dataType !== "int32")
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected \`oneHot\` to be given tokens int32 [batch, time], got ${tokens.dataType} [${shape}].`,
    );
  const [batch, time] = shape as [number, number];
  const columns = reshapeTo(transpose(tokens), [1, time, batch]);
  const all = constant([...Array(vocabulary).keys()], [vocabulary, 1, 1], "int32");
  return cast(equal(columns, all), "float32");
}

/**
 * A vector for each token from each member's own table, parameter `weight` [vocabulary, features] as `embeddingLayer`.
 *
 * @param tokens one-hot [vocabulary, ...], the same for all members; a mean of tokens gives the mean of their vectors.
 * @returns [members, features, ...].
 */
export function populationEmbedding(
  scope: Scope,
  tokens: Value,
  features: number,
  options: { initialise?: Initialiser } = {},
): Value {
  return buildLayer("populationEmbedding", scope, tokens, { axes: "[vocabulary, ...]", rank: [2] }, () => {
    checkOptionNames("`populationEmbedding`", options, { initialise: true });
    checkSize("features", features);
    const members = scope.population;
    scope.take("populationEmbedding");
    const [vocabulary, ...rest] = tokens.shape as [number, ...number[]];
    const weight = scope.parameter("weight", [vocabulary, features], options.initialise ?? normal(1));
    const columns = reshapeTo(tokens, [vocabulary, elements(rest)]);
    return reshapeTo(matMul(weight, columns, { transposeA: true }), [members, features, ...rest]);
  });
}
