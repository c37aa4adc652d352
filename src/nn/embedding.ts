import { embedding, type Value } from "../graph/index.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { normal } from "./initialise.ts";
import { buildLayer, checkSize } from "./layer.ts";
import type { Initialiser } from "./registry.ts";
import type { Scope } from "./scope.ts";

/**
 * A vector for each token, parameter `weight` [vocabulary, features], standard normal as PyTorch's `nn.Embedding`.
 *
 * @param tokens int32 [...], from 0 to `vocabulary` - 1. @returns [..., features].
 */
export function embeddingLayer(
  scope: Scope,
  tokens: Value,
  vocabulary: number,
  features: number,
  options: { initialise?: Initialiser } = {},
): Value {
  const input = { axes: "tokens [batch, ...]", rank: [1], dataType: "int32" } as const;
  return buildLayer("embeddingLayer", scope, tokens, input, () => {
    checkOptionNames("`embeddingLayer`", options, { initialise: true });
    checkSize("vocabulary", vocabulary);
    checkSize("features", features);
    scope.take("embeddingLayer");
    scope.readTokens(tokens, vocabulary);
    const weight = scope.parameter("weight", [vocabulary, features], options.initialise ?? normal(1));
    return embedding(weight, tokens);
  });
}
