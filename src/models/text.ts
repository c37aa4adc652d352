import { cast, clip, divide, multiply, reduceSum, relu, reshapeTo } from "../graph/index.ts";
import { embeddingLayer, gruLayer, linearLayer, type Model } from "../nn/index.ts";

/* Small networks for text, ours. */

/** One hidden layer with relu over a bag of words: [batch, words] to logits [batch, 2]. */
export function bagMlp(hidden: number): Model {
  return (scope, x) =>
    linearLayer(scope.child("linear2"), relu(linearLayer(scope.child("linear1"), x, hidden)), 2);
}

/** Mean of the words' vectors, token 0 being padding, then linear: int32 [batch, time] to logits [batch, 2]. */
export function embeddingMean(vocabulary: number, features: number): Model {
  return (scope, tokens) => {
    const [batch, time] = tokens.shape as [number, number];
    const isWord = clip(cast(tokens, "float32"), 0, 1);
    const vectors = embeddingLayer(scope.child("embedding"), tokens, vocabulary, features);
    const sum = reduceSum(multiply(vectors, reshapeTo(isWord, [batch, time, 1])), [1]);
    const count = clip(reduceSum(isWord, [1], { keepDimensions: true }), 1, time);
    return linearLayer(scope.child("linear"), divide(sum, count), 2);
  };
}

/** Prediction of the next character by a GRU from zero memory: int32 [batch, time] to logits [batch, time, characters]. */
export function characterGru(characters: number, features: number, hidden: number): Model {
  return (scope, tokens) => {
    const [batch, time] = tokens.shape as [number, number];
    const vectors = embeddingLayer(scope.child("embedding"), tokens, characters, features);
    const states = gruLayer(scope.child("gru"), vectors, hidden);
    const logits = linearLayer(scope.child("linear"), reshapeTo(states, [batch * time, hidden]), characters);
    return reshapeTo(logits, [batch, time, characters]);
  };
}
