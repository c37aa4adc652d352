import { MlrSnetError } from "../../errors.ts";
import { placed } from "../batching.ts";
import { apply, type Batched, type Members, type Operator } from "../operator.ts";
import { constant, elements, type Value } from "../value.ts";
import { add } from "./arithmetic.ts";
import { reshapeTo } from "./broadcast.ts";

/** Rows up to which a product with one-hot tokens is a contestant for the gradient. */
const oneHotRows = 512;

// y = W[n];  dW[v] = sum of dy over the places where n = v
const embeddingOperator: Operator = {
  name: "embedding",
  infer: ([weight, tokens]) => {
    if (weight!.shape.length !== 2 || tokens!.dataType !== "int32")
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected weight [tokens, features] and int32 tokens, got [${weight!.shape}] and ${tokens!.dataType} [${tokens!.shape}].`,
      );
    return [{ shape: [...tokens!.shape, weight!.shape[1]!], dataType: "float32" }];
  },
  gradient: ({ inputs: [weight, tokens] }, [dy]) => [
    apply(embeddingGradientOperator, [dy!, tokens!], { rows: weight!.shape[0]! }),
    undefined,
  ],
  batching: ({ inputs }, [weight, tokens], members) => {
    if (weight!.axis === undefined) return placed([embedding(weight!.value, tokens!.value)], tokens!.axis);
    const [rows, features] = inputs[0]!.shape as [number, number];
    const table = reshapeTo(members.along(weight!, 0), [members.count * rows, features]);
    return placed([embedding(table, inOneTable(tokens!, rows, members))], 0);
  },
  lowerings: {
    gather: { emit: (emitter, _node, names) => emitter.node("Gather", names, { axis: 0 }) },
  },
};

// g[v] = sum of dy over the places where n = v;  d dy = dg[n]
const embeddingGradientOperator: Operator<{ rows: number }> = {
  name: "embeddingGradient",
  infer: ([dy], { rows }) => [{ shape: [rows, dy!.shape.at(-1)!], dataType: "float32" }],
  gradient: ({ inputs: [, tokens] }, [dg]) => [embedding(dg!, tokens!), undefined],
  batching: ({ attributes: { rows } }, [dy, tokens], members) => {
    const all = [members.along(dy!, 0), inOneTable(tokens!, rows, members)];
    const g = apply(embeddingGradientOperator, all, { rows: members.count * rows });
    return placed([reshapeTo(g, [members.count, rows, g.shape[1]!])], 0);
  },
  lowerings: {
    // ONNX Runtime's CPU kernel adds in the order of the places: the same bits each time, also where tokens repeat.
    scatter: {
      emit: (emitter, { inputs: [dy, tokens], attributes: { rows } }, [gradient, indices]) => {
        const features = dy!.shape.at(-1)!;
        const count = elements(tokens!.shape);
        const [column] = emitter.node("Reshape", [indices!, emitter.integers([count, 1])]);
        const [places] = emitter.node("Cast", [column!], { to: 7 });
        const [updates] = emitter.node("Reshape", [gradient!, emitter.integers([count, features])]);
        const [zeros] = emitter.node("ConstantOfShape", [emitter.integers([rows, features])]);
        return emitter.node("ScatterND", [zeros!, places!, updates!], { reduction: "add" });
      },
    },
    oneHot: {
      supports: ({ attributes: { rows } }) => rows <= oneHotRows,
      emit: (emitter, { inputs: [dy, tokens], attributes: { rows } }, [gradient, indices]) => {
        const count = elements(tokens!.shape);
        const [flat] = emitter.node("Reshape", [indices!, emitter.integers([count])]);
        const values = emitter.floats([0, 1], [2]);
        const [oneHot] = emitter.node("OneHot", [flat!, emitter.floats([rows]), values], { axis: 1 });
        const shape = emitter.integers([count, dy!.shape.at(-1)!]);
        const [updates] = emitter.node("Reshape", [gradient!, shape]);
        return emitter.node("Gemm", [oneHot!, updates!], { transA: 1 });
      },
    },
  },
};

/** [members, ...]: tokens that choose from the tables of all members, one below the other. */
function inOneTable(tokens: Batched, rows: number, { along, count }: Members): Value {
  const all = along(tokens, 0);
  const starts = Array.from({ length: count }, (_, member) => member * rows);
  const ones = all.shape.slice(1).map(() => 1);
  return add(all, constant(starts, [count, ...ones], "int32"));
}

/**
 * The rows of a table: y[..., f] = weight[tokens[...], f].
 *
 * @param weight [vocabulary, features]. @param tokens int32 [...], from 0 to vocabulary - 1. @returns [..., features].
 */
export function embedding(weight: Value, tokens: Value): Value {
  return apply(embeddingOperator, [weight, tokens], {});
}
