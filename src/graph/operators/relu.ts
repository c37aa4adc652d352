import { apply, type Operator, onnxNode } from "../operator.ts";
import { scalar, type Value } from "../value.ts";
import { multiply } from "./arithmetic.ts";
import { greater, where } from "./select.ts";
import { unary } from "./unary.ts";

// y = max(x, 0);  dx = dy where y > 0, else 0. Needs y alone, so that x can be overwritten or never written at all.
const reluOperator = unary("relu", onnxNode("Relu"), (_x, y, dy) => apply(reluGradientOperator, [y, dy], {}));

const reluGradientOperator: Operator = {
  name: "reluGradient",
  infer: ([y]) => [{ shape: y!.shape, dataType: y!.dataType }],
  gradient: ({ inputs: [y] }, [ddx]) => [undefined, apply(reluGradientOperator, [y!, ddx!], {})],
  lowerings: {
    sign: {
      emit: (emitter, _node, [y, dy]) => emitter.node("Mul", [dy!, emitter.node("Sign", [y!])[0]!]),
    },
    where: {
      emit: (emitter, _node, [y, dy]) => {
        const zero = emitter.floats([0]);
        return emitter.node("Where", [emitter.node("Greater", [y!, zero])[0]!, dy!, zero]);
      },
    },
  },
};

// y = x for x > 0, else slope x;  dx = dy or slope dy
const leakyReluOperator: Operator<{ slope: number }> = {
  name: "leakyRelu",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: ({ inputs: [x], attributes: { slope } }, [dy]) => [
    where(greater(x!, scalar(0)), dy!, multiply(dy!, slope)),
  ],
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
