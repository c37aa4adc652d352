import { MlrSnetError } from "../../errors.ts";
import { checkOptionNames } from "../../schedules/internal.ts";
import { broadcasting, placed } from "../batching.ts";
import { apply, type Operator, onnxNode } from "../operator.ts";
import { constant, elements, sameShape, type Value } from "../value.ts";
import { broadcastShapes, reshapeTo, sumTo } from "./broadcast.ts";

type MatMulAttributes = { transposeA: boolean; transposeB: boolean };

// y = op(a) op(b);  d op(a) = dy op(b)^T,  d op(b) = op(a)^T dy
const matMulOperator: Operator<MatMulAttributes> = {
  name: "matMul",
  infer: ([a, b], { transposeA, transposeB }) => {
    const [rows, inner] = lastTwo(a!, transposeA);
    const [innerB, columns] = lastTwo(b!, transposeB);
    if (inner !== innerB)
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected matrices with equal inner sizes, got [${a!.shape}]${transposeA ? "^T" : ""} times [${b!.shape}]${transposeB ? "^T" : ""}.`,
      );
    const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [{ shape: [...batch, rows, columns], dataType: "float32" }];
  },
  gradient: ({ inputs, attributes: { transposeA, transposeB } }, [dy], wanted) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const da = () =>
      transposeA
        ? matMul(b, dy!, { transposeA: transposeB, transposeB: true })
        : matMul(dy!, b, { transposeB: !transposeB });
    const db = () =>
      transposeB
        ? matMul(dy!, a, { transposeA: true, transposeB: transposeA })
        : matMul(a, dy!, { transposeA: !transposeA });
    return [wanted[0] ? sumTo(da(), a.shape) : undefined, wanted[1] ? sumTo(db(), b.shape) : undefined];
  },
  batching: (node, [a, b], { along }) => {
    const { shape } = b!.value;
    // The rows of all members are rows of one product with a matrix that they share.
    const areRows = !node.attributes.transposeA && a!.axis !== a!.value.shape.length - 1;
    if (b!.axis === undefined && shape.length === 2 && areRows)
      return placed([rowsTimes(a!.value, (rows) => matMul(rows, b!.value, node.attributes))], a!.axis);
    const rank = Math.max(...node.inputs.map((side) => side.shape.length));
    const [left, right] = [a!, b!].map((side, index) => {
      if (side.axis === undefined) return side.value;
      const [members, ...own] = along(side, 0).shape;
      const ones = Array<number>(rank - node.inputs[index]!.shape.length).fill(1);
      return reshapeTo(along(side, 0), [members!, ...ones, ...own]);
    });
    return placed([matMul(left!, right!, node.attributes)], 0);
  },
  lowerings: {
    onnx: {
      emit: (emitter, { inputs: [a, b], attributes: { transposeA, transposeB } }, names) => {
        const transA = transposeA ? 1 : 0;
        const transB = transposeB ? 1 : 0;
        if (a!.shape.length === 2 && b!.shape.length === 2)
          return emitter.node("Gemm", names, { transA, transB });
        if (!transA && !transB) return emitter.node("MatMul", names);
        return emitter.node("FusedMatMul", names, { transA, transB }, { domain: "com.microsoft" });
      },
    },
  },
};

// y = x W^T + b;  dx = dy W,  dW = dy^T x,  db = sum of dy over the batch
const linearOperator: Operator = {
  name: "linear",
  infer: ([x, weight, bias]) => {
    const [batch, features] = x!.shape;
    const [outputs, weightFeatures] = weight!.shape;
    if (x!.shape.length !== 2 || weight!.shape.length !== 2 || features !== weightFeatures)
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected [batch, in] and weight [out, in], got [${x!.shape}] and [${weight!.shape}].`,
      );
    if (!sameShape(bias!.shape, [outputs!]))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected a bias of shape [${outputs}], got [${bias!.shape}].`,
      );
    return [{ shape: [batch!, outputs!], dataType: "float32" }];
  },
  gradient: ({ inputs: [x, weight] }, [dy], wanted) => [
    wanted[0] ? matMul(dy!, weight!) : undefined,
    wanted[1] ? matMul(dy!, x!, { transposeA: true }) : undefined,
    wanted[2] ? reshapeTo(rowSums(dy!), [dy!.shape[1]!]) : undefined,
  ],
  batching: (_node, [x, weight, bias], { along, aligned }) => {
    if (weight!.axis === undefined && bias!.axis === undefined && x!.axis !== 2)
      return placed([rowsTimes(x!.value, (rows) => linear(rows, weight!.value, bias!.value))], x!.axis);
    const [rows, matrix] = [x!, weight!].map((side) =>
      side.axis === undefined ? side.value : along(side, 0),
    );
    const products = matMul(rows!, matrix!, { transposeB: true });
    const y = { value: products, axis: products.shape.length === 3 ? 0 : undefined };
    return placed([addToRows(along(y, 0), aligned(bias!, 2, 0))], 0);
  },
  lowerings: {
    onnx: { emit: (emitter, _node, names) => emitter.node("Gemm", names, { transB: 1 }) },
  },
};

// y = x + b, the same b for all rows;  dx = dy,  db = sum of dy over the rows
const addToRowsOperator: Operator = {
  name: "addToRows",
  infer: ([x, bias]) => {
    if (!sameShape(broadcastShapes(x!.shape, bias!.shape), x!.shape))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected a bias that broadcasts to [${x!.shape}], got [${bias!.shape}].`,
      );
    return [{ shape: x!.shape, dataType: "float32" }];
  },
  gradient: ({ inputs: [, bias] }, [dy], wanted) => [
    dy!,
    wanted[1] ? sumTo(rowSums(dy!), bias!.shape) : undefined,
  ],
  batching: broadcasting,
  lowerings: onnxNode("Add"),
};

/** x [..., rows, features] + bias, one row that is the same for all or for all of a matrix. */
function addToRows(x: Value, bias: Value): Value {
  return apply(addToRowsOperator, [x, bias], {});
}

/** The sum of the rows of each matrix, [..., 1, features]: as a product, which takes a fifth of the time of ReduceSum along the rows. */
function rowSums(x: Value): Value {
  const rows = x.shape.at(-2)!;
  return matMul(constant(new Float32Array(rows).fill(1), [1, rows]), x);
}

/** Matrix product over the last two axes, the leading axes broadcast; either side may be taken transposed. */
export function matMul(a: Value, b: Value, options: Partial<MatMulAttributes> = {}): Value {
  checkOptionNames("`matMul`", options, { transposeA: true, transposeB: true });
  const { transposeA = false, transposeB = false } = options;
  return apply(matMulOperator, [a, b], { transposeA, transposeB });
}

/** x W^T + b: x [batch, in], weight [out, in], bias [out] to [batch, out]. */
export function linear(x: Value, weight: Value, bias: Value): Value {
  return apply(linearOperator, [x, weight, bias], {});
}

/** A product of the rows of x [..., features], as of one matrix. */
function rowsTimes(x: Value, product: (rows: Value) => Value): Value {
  const features = x.shape.at(-1)!;
  const y = product(reshapeTo(x, [elements(x.shape) / features, features]));
  return reshapeTo(y, x.shape.with(-1, y.shape[1]!));
}

function lastTwo({ shape }: Value, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined)
    throw new MlrSnetError("SHAPE_MISMATCH", `Expected at least two axes, got shape [${shape}].`);
  return transposed ? [columns, rows] : [rows, columns];
}
