import { matMul, multiply, reshapeTo, softmax, split, type Value } from "../graph/index.ts";
import { buildLayer } from "./layer.ts";
import { populationRows } from "./population-linear.ts";
import type { Scope } from "./scope.ts";

/**
 * Self-attention with one head for each member, parts `in_proj` (queries, keys and values in one product) and
 * `out_proj`, as PyTorch's `nn.MultiheadAttention` names them. Meant for short sequences. No mask, no residual.
 *
 *     y = W_o softmax(q k^T / sqrt(features)) v + b_o
 *
 * Its products are over the positions of an example: here alone in a population the features come last.
 *
 * @param x [members, batch, time, features]. @returns the same shape.
 * @see Vaswani et al., arXiv 1706.03762
 */
export function populationAttention(scope: Scope, x: Value): Value {
  const input = { axes: "[members, batch, time, features]", rank: [4, 4] } as const;
  return buildLayer("populationAttention", scope, x, input, () => attend(scope, x));
}

function attend(scope: Scope, x: Value): Value {
  const [members, batch, time, features] = x.shape as [number, number, number, number];
  const rows = (value: Value) => reshapeTo(value, [members, batch * time, features]);
  const projected = populationRows(scope.child("in_proj"), rows(x), 3 * features);
  const parts = split(projected, [features, features, features], 2);
  const [queries, keys, values] = parts.map((part) => reshapeTo(part, x.shape));
  const scores = multiply(matMul(queries!, keys!, { transposeB: true }), 1 / Math.sqrt(features));
  const mixed = matMul(softmax(scores), values!);
  return reshapeTo(populationRows(scope.child("out_proj"), rows(mixed), features), x.shape);
}
