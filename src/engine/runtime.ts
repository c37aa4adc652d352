import { MlrSnetError } from "../errors.ts";

/** A tensor of the runtime, on memory that was given to it. */
export type RuntimeTensor = { readonly data: unknown };

/** A graph that the runtime has loaded. */
export type RuntimeSession = {
  run(
    feeds: Readonly<Record<string, RuntimeTensor>>,
    fetches?: Readonly<Record<string, RuntimeTensor>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
};

/**
 * The part of onnxruntime-node and onnxruntime-web that the engine uses; both have it. Written out, so that the types of
 * this package need no other.
 */
export type Runtime = {
  InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
  Tensor: new (type: string, data: ArrayBufferView, shape: readonly number[]) => RuntimeTensor;
  env: { versions: { common?: string; node?: string; web?: string }; logLevel?: string | undefined };
};

/** Where a graph runs. `cuda` needs the CUDA files of onnxruntime-node, installed by the user. */
export type Device = "cpu" | "webgpu" | "cuda";

export const devices: readonly Device[] = ["cpu", "webgpu", "cuda"];

/**
 * Loads onnxruntime-node.
 *
 * @throws {MlrSnetError} `ENGINE_MISSING` if it is not installed or does not load on this machine.
 */
export async function loadRuntime(): Promise<Runtime> {
  try {
    const runtime = (await import("onnxruntime-node")) as unknown as Runtime;
    // Its errors are thrown; written to standard error as well they would be said twice.
    runtime.env.logLevel = "fatal";
    return runtime;
  } catch (cause) {
    throw new MlrSnetError(
      "ENGINE_MISSING",
      "Expected the package onnxruntime-node for training, and it does not load here: run `npm install onnxruntime-node@1.30.0`.",
      { cause },
    );
  }
}

/** Name and version of the runtime, part of checkpoints and of the lowering plan's key. */
export function runtimeVersion(runtime: Runtime): string {
  const { node, web, common } = runtime.env.versions;
  return `onnxruntime ${node ?? web ?? common ?? "unknown"}`;
}
