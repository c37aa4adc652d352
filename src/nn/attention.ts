import { MlrSnetError } from "../errors.ts";
import { matMul, multiply, reshapeTo, softmax, split, transpose, type Value } from "../graph/index.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { buildLayer, checkSize } from "./layer.ts";
import { linearLayer } from "./linear.ts";
import type { Scope } from "./scope.ts";

/**
 * Self-attention over a sequence, parts `in_proj` (queries, keys and values in one product) and `out_proj`, as PyTorch's
 * `nn.MultiheadAttention` names them. No mask, no residual.
 *
 *     y = W_o concat_h softmax(q_h k_h^T / sqrt(features / heads)) v_h + b_o
 *
 * @param x [batch, time, features]. @param options `heads`: a divisor of the features; default 1. @returns the same shape.
 * @see Vaswani et al., arXiv 1706.03762
 */
export function selfAttentionLayer(scope: Scope, x: Value, options: { heads?: number } = {}): Value {
  const input = { axes: "[batch, time, features]", rank: [3, 3] } as const;
  return buildLayer("selfAttentionLayer", scope, x, input, () => {
    checkOptionNames("`selfAttentionLayer`", options, { heads: true });
    const heads = checkSize("heads", options.heads ?? 1);
    const [batch, time, features] = x.shape as [number, number, number];
    if (features % heads !== 0)
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected features that ${heads} heads divide, got [${x.shape}].`,
      );
    scope.take("selfAttentionLayer");
    const projected = linearLayer(scope.child("in_proj"), x, 3 * features);
    const perHead = (part: Value): Value =>
      transpose(reshapeTo(part, [batch, time, heads, features / heads]), [0, 2, 1, 3]);
    const parts = split(projected, [features, features, features], 2).map(perHead);
    const [queries, keys, values] = parts as [Value, Value, Value];
    const scores = multiply(matMul(queries, keys, { transposeB: true }), 1 / Math.sqrt(features / heads));
    const mixed = transpose(matMul(softmax(scores), values), [0, 2, 1, 3]);
    return linearLayer(scope.child("out_proj"), reshapeTo(mixed, x.shape), features);
  });
}
