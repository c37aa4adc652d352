import { apply, type Operator } from "../operator.ts";
import type { Shape, Value } from "../value.ts";
import { type ConvGeometry, onnxGeometry } from "./conv-geometry.ts";

type InputGradientAttributes = ConvGeometry & {
  /** Spatial sizes of the convolution's input. */
  readonly size: readonly number[];
};

// dx[n,c,q] = Σ_o,k w[o,c,k] dy[n,o,p] over s p + d k - padding = q
const convInputGradientOperator: Operator<InputGradientAttributes> = {
  name: "convInputGradient",
  infer: ([dy, weight], { groups, size }) => [
    { shape: [dy!.shape[0]!, weight!.shape[1]! * groups, ...size], dataType: "float32" },
  ],
  lowerings: {
    convTranspose: {
      emit: (emitter, { attributes, inputs: [, weight] }, names) => {
        const { stride, padding, dilation, size } = attributes;
        // The rows that the last kernel position did not reach.
        const rest = size.map(
          (length, axis) =>
            (length + 2 * padding[axis]! - dilation[axis]! * (weight!.shape[axis + 2]! - 1) - 1) %
            stride[axis]!,
        );
        return emitter.node("ConvTranspose", names, { ...onnxGeometry(attributes), output_padding: rest });
      },
    },
  },
};

/** The gradient of a convolution towards its input of shape `shape`. */
export function convInputGradient(dy: Value, weight: Value, shape: Shape, geometry: ConvGeometry): Value {
  return apply(convInputGradientOperator, [dy, weight], { ...geometry, size: shape.slice(2) });
}
