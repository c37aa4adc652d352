import { describe, expect, it } from "vitest";
import { input } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { type Model, Scope } from "../nn/index.ts";
import * as models from "./index.ts";

type Row = {
  name: string;
  model: Model;
  /** Of one example, and of what it becomes. */
  shape: number[];
  output: number[];
  parameters: number;
  tokens?: true;
};

/** Numbers of parameters as in docs/models.md, of the published networks those of their source. */
const rows: Row[] = [
  { name: "logistic", model: models.logistic, shape: [40], output: [10], parameters: 410 },
  { name: "mlp", model: models.mlp, shape: [40], output: [10], parameters: 15_210 },
  { name: "cnn", model: models.cnn, shape: [40], output: [10], parameters: 5210 },
  { name: "gru", model: models.gru, shape: [40], output: [10], parameters: 5134 },
  { name: "cnn-bn", model: models.cnnBatchNormalization, shape: [40], output: [10], parameters: 6826 },
  { name: "plainMlp", model: models.plainMlp(20, 2), shape: [40], output: [10], parameters: 1450 },
  { name: "imageMlp", model: models.imageMlp(64), shape: [1, 28, 28], output: [10], parameters: 50_890 },
  { name: "imageCnn", model: models.imageCnn, shape: [1, 28, 28], output: [10], parameters: 9098 },
  {
    name: "imageCnnBatchNormalization",
    model: models.imageCnnBatchNormalization,
    shape: [3, 32, 32],
    output: [10],
    parameters: 24_346,
  },
  { name: "bagMlp", model: models.bagMlp(32), shape: [512], output: [2], parameters: 16_482 },
  {
    name: "embeddingMean",
    model: models.embeddingMean(2000, 16),
    shape: [48],
    output: [2],
    parameters: 32_034,
    tokens: true,
  },
  {
    name: "characterGru",
    model: models.characterGru(65, 16, 64),
    shape: [32],
    output: [32, 65],
    parameters: 21_009,
    tokens: true,
  },
];

describe("the networks", () => {
  it.each(rows)("have the shape and the parameters stated: $name", (row) => {
    const { model, shape, output, parameters, tokens } = row;
    for (const [batch, mode] of [
      [2, "train"],
      [5, "eval"],
    ] as const) {
      const scope = new Scope(mode);
      const outputs = model(scope, input("x", [batch, ...shape], tokens ? "int32" : "float32"));
      expect(outputs.shape).toEqual([batch, ...output]);
      expect(scope.parameters.reduce((sum, spec) => sum + elements(spec.shape), 0)).toBe(parameters);
    }
  });
});
