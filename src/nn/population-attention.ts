import {
  elements,
  matMul,
  multiply,
  reshapeTo,
  softmax,
  split,
  transpose,
  type Value,
} from "../graph/index.ts";
import { populationLinear } from "./population-linear.ts";
import type { Scope } from "./scope.ts";

/**
 * Self-attention with one head for each member, parts `in_proj` (queries, keys and values in one product) and
 * `out_proj`, as PyTorch's `nn.MultiheadAttention` names them. Meant for short sequences. No mask, no residual.
 *
 *     y = W_o softmax(q k^T / sqrt(features)) v + b_o
 *
 * @param x [members, features, time, batch]. @returns the same shape.
 * @see Vaswani et al., arXiv 1706.03762
 */
export function populationAttention(scope: Scope, x: Value): Value {
  const [members, features, time, batch] = x.shape as [number, number, number, number];
  const columns = reshapeTo(x, [members, features, elements([time, batch])]);
  const projected = populationLinear(scope.child("in_proj"), columns, 3 * features);
  // Products are over time within an example: [members, batch, time, 3 * features] here alone.
  const rows = transpose(reshapeTo(projected, [members, 3 * features, time, batch]), [0, 3, 2, 1]);
  const [queries, keys, values] = split(rows, [features, features, features], 3);
  const scores = multiply(matMul(queries!, keys!, { transposeB: true }), 1 / Math.sqrt(features));
  const mixed = transpose(matMul(softmax(scores), values!), [0, 3, 2, 1]);
  return reshapeTo(
    populationLinear(scope.child("out_proj"), reshapeTo(mixed, columns.shape), features),
    x.shape,
  );
}
