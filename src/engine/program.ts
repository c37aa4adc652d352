import { MlrSnetError } from "../errors.ts";
import type { DataType, Value } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import type { Runtime, RuntimeSession, RuntimeTensor } from "./runtime.ts";

/** Memory of a tensor, row-major. The element type follows the value's data type; bool is one byte. */
export type Buffer = Float32Array | Int32Array | BigInt64Array | Uint8Array;
export type Buffers = Readonly<Record<string, Buffer>>;

/** A program with its memory: reads the bound inputs, computes, and writes into the bound outputs. */
export type BoundProgram = {
  run(): Promise<void>;
};

/** A compiled graph. */
export class Program {
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: ReadonlyMap<string, Value>;
  readonly #runtime: Runtime;
  readonly #session: RuntimeSession;

  constructor(
    runtime: Runtime,
    session: RuntimeSession,
    inputs: ReadonlyMap<string, Value>,
    outputs: Readonly<Record<string, Value>>,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.inputs = inputs;
    this.outputs = new Map(Object.entries(outputs));
  }

  /**
   * Ties the program to memory, once: no copies and no garbage at each run. Views into one larger array are welcome.
   * Inputs that the graph does not use may be given; outputs that are not bound are not fetched.
   *
   * @throws {MlrSnetError} `SHAPE_MISMATCH` for a missing input, an unknown output, or an array of the wrong length or type.
   */
  bind(inputs: Buffers, outputs: Buffers): BoundProgram {
    const feeds: Record<string, RuntimeTensor> = {};
    for (const [name, value] of this.inputs) feeds[name] = this.#tensor(name, value, inputs[name]);
    const fetches: Record<string, RuntimeTensor> = {};
    for (const [name, buffer] of Object.entries(outputs)) {
      const value = this.outputs.get(name);
      if (!value)
        throw new MlrSnetError("SHAPE_MISMATCH", `Expected an output of the graph, got \`${name}\`.`);
      fetches[name] = this.#tensor(name, value, buffer);
    }
    const session = this.#session;
    return {
      async run() {
        try {
          await session.run(feeds, fetches);
        } catch (cause) {
          const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
          throw new MlrSnetError("ENGINE_FAILED", `The runtime failed in a step: ${reason}`, { cause });
        }
      },
    };
  }

  /** Allocates zeroed memory for the named outputs, or all of them. */
  allocateOutputs(names: Iterable<string> = this.outputs.keys()): Record<string, Buffer> {
    return Object.fromEntries([...names].map((name) => [name, allocate(this.outputs.get(name)!)]));
  }

  /** Frees the runtime's memory; the program cannot be run afterwards. */
  async release(): Promise<void> {
    await this.#session.release();
  }

  #tensor(name: string, { shape, dataType }: Value, buffer: Buffer | undefined): RuntimeTensor {
    if (!(buffer instanceof bufferTypes[dataType]) || buffer.length !== elements(shape))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected \`${name}\` as ${bufferTypes[dataType].name} of length ${elements(shape)} for shape [${shape}], got ${
          buffer ? `${buffer.constructor.name} of length ${buffer.length}` : "nothing"
        }.`,
      );
    return new this.#runtime.Tensor(dataType, buffer, shape);
  }
}

const bufferTypes = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} satisfies Record<DataType, unknown>;

/** Zeroed memory for a value. */
export function allocate({ shape, dataType }: { shape: readonly number[]; dataType: DataType }): Buffer {
  return new bufferTypes[dataType](elements(shape));
}
