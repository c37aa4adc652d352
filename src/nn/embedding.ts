import { embedding, type Value } from "../graph/index.ts";
import { normal } from "./initialise.ts";
import type { Initialiser, Scope } from "./scope.ts";

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
  const weight = scope.parameter("weight", [vocabulary, features], options.initialise ?? normal(1));
  return embedding(weight, tokens);
}
