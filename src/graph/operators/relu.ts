import { broadcasting, elementwise } from "../batching.ts";
import { apply, type Operator, onnxNode } from "../operator.ts";
import { scalar, type Value } from "../value.ts";
import { add, multiply } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { greater } from "./select.ts";
import { unary } from "./unary.ts";

// y = max(x, 0);  dx = dy where y > 0, else 0. Needs y alone, so that x can be overwritten or never written at all.
const reluOperator = unary("relu", onnxNode("Relu"), (_x, y, dy) => apply(reluGradientOperator, [y, dy], {}));

const reluGradientOperator: Operator = {
  name: "reluGradient",
  infer: ([y]) => [{ shape: y!.shape, dataType: y!.dataType }],
  gradient: ({ inputs: [y] }, [ddx]) => [undefined, apply(reluGradientOperator, [y!, ddx!], {})],
  batching: broadcasting,
  lowerings: {
    onnx: {
      // min(1, 3e38 y) is 1 for every y > 0 that is a normal number. Two passes that ONNX Runtime runs at the speed
      // of the memory; Where and Sign take five times as long.
      emit: (emitter, _node, [y, dy]) => {
        const [mask] = emitter.node("HardSigmoid", [y!], { alpha: { float: 3e38 }, beta: { float: 0 } });
        return emitter.node("Mul", [dy!, mask!]);
      },
    },
  },
};

// y = x for x > 0, else slope x;  dx = dy or slope dy
const leakyReluOperator: Operator<{ slope: number }> = {
  name: "leakyRelu",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: ({ inputs: [x], attributes: { slope } }, [dy]) => [
    multiply(dy!, add(multiply(cast(greater(x!, scalar(0)), "float32"), 1 - slope), slope)),
  ],
  batching: elementwise,
  lowerings: onnxNode<{ slope: number }>("LeakyRelu", ({ attributes: { slope } }) => ({
    alpha: { float: slope },
  })),
};

/** max(x, 0); its gradient at 0 is 0. */
export function relu(x: Value): Value {
  return apply(reluOperator, [x], {});
}

/** x for x > 0, else `slope` times x. */
export function leakyRelu(x: Value, slope = 0.01): Value {
  return apply(leakyReluOperator, [x], { slope });
}
