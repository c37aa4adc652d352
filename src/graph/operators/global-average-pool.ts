import { MlrSnetError } from "../../errors.ts";
import { apply, type Operator } from "../operator.ts";
import { elements, type Value } from "../value.ts";
import { multiply } from "./arithmetic.ts";
import { broadcastTo, reshapeTo } from "./broadcast.ts";
import { byChannel } from "./pool.ts";

// y = mean of x over the n elements of an image's channel;  dx = dy / n, repeated over them
const globalAveragePoolOperator: Operator = {
  name: "globalAveragePool",
  infer: ([x]) => {
    if (x!.shape.length < 3)
      throw new MlrSnetError("SHAPE_MISMATCH", `Expected [batch, channels, ...], got [${x!.shape}].`);
    return [{ shape: x!.shape.slice(0, 2), dataType: "float32" }];
  },
  gradient: ({ inputs: [x] }, [dy]) => {
    const kept = x!.shape.map((size, axis) => (axis < 2 ? size : 1));
    return [broadcastTo(reshapeTo(multiply(dy!, 1 / elements(x!.shape.slice(2))), kept), x!.shape)];
  },
  batching: byChannel,
  lowerings: {
    onnx: {
      emit: (emitter, { outputs: [y] }, names) => {
        const [pooled] = emitter.node("GlobalAveragePool", names);
        return emitter.node("Reshape", [pooled!, emitter.integers(y!.shape)]);
      },
    },
  },
};

/** The mean over all spatial axes: [batch, channels, ...] to [batch, channels]. */
export function globalAveragePool(x: Value): Value {
  return apply(globalAveragePoolOperator, [x], {});
}
