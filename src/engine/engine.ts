import { availableParallelism } from "node:os";
import { MlrSnetError } from "../errors.ts";
import type { LoweringChoice, Value } from "../graph/index.ts";
import { encodeModel } from "../graph/internal.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { channelBlock } from "./channel-block.ts";
import { LoweringPlan, type OnNotice } from "./lowering-plan.ts";
import type { LoweringRecord } from "./plan-journal.ts";
import { Program } from "./program.ts";
import { type Device, devices, loadRuntime, type Runtime, runtimeVersion } from "./runtime.ts";

export type EngineOptions = {
  /** Default `cpu`. */
  device?: Device;
  /** Threads of one operator, ≥ 1; default: the machine's cores. Part of what makes a run reproducible. */
  threads?: number;
  /** The plan of an earlier run (a checkpoint's), which is then kept to; default: measured, or remembered on disk. */
  plan?: LoweringRecord;
  /** Where measured plans are remembered; `null`: nowhere, operators take their first lowering. Default: the user's cache. */
  planFolder?: string | null;
  /** Is told in a sentence where plans cannot be remembered, where a remembered one was damaged, and where a lowering fails. */
  onNotice?: OnNotice;
  /** The runtime to use; default onnxruntime-node. */
  runtime?: Runtime;
  /**
   * Whether each compiled graph keeps the memory that it has used; default true. Off, many small graphs in turns share
   * it: 111 populations took 0.6 instead of 4.1 GB, and half the time, since what one frees is still in the cache.
   */
  arena?: boolean;
};

const optionNames: OptionNames<EngineOptions> = {
  device: true,
  threads: true,
  plan: true,
  planFolder: true,
  runtime: true,
  arena: true,
  onNotice: true,
};

/** Compiles graphs and runs them on ONNX Runtime. One engine has one device, one thread count and one lowering plan. */
export class Engine {
  readonly device: Device;
  readonly threads: number;
  readonly runtime: Runtime;
  /** Name and version of the runtime. */
  readonly version: string;
  readonly #plan: LoweringPlan;
  readonly #arena: boolean;

  private constructor(runtime: Runtime, device: Device, threads: number, plan: LoweringPlan, arena: boolean) {
    this.#arena = arena;
    this.runtime = runtime;
    this.version = runtimeVersion(runtime);
    this.device = device;
    this.threads = threads;
    this.#plan = plan;
  }

  /**
   * @throws {MlrSnetError} `INVALID_ARGUMENT` for a device or thread count that does not exist;
   * `ENGINE_MISSING` without onnxruntime-node; `STATE_MISMATCH` if `plan` was made for another runtime, device, thread count or kind of processor.
   */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    checkOptionNames("`Engine.create`", options, optionNames);
    const device = options.device ?? "cpu";
    const threads = options.threads ?? availableParallelism();
    if (!devices.includes(device))
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected \`device\` to be one of ${devices.join(", ")}, got ${device}.`,
      );
    if (!Number.isInteger(threads) || threads < 1)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected \`threads\` to be an integer ≥ 1, got ${threads}.`,
      );
    const runtime = options.runtime ?? (await loadRuntime());
    const scope = {
      runtime: runtimeVersion(runtime),
      device,
      threads,
      channelBlock: device === "cpu" ? await channelBlock(runtime) : 0,
    };
    const notify = options.onNotice ?? (() => {});
    const plan = options.plan
      ? LoweringPlan.fromRecord(options.plan, scope, notify)
      : await LoweringPlan.load(scope, options.planFolder, notify);
    return new Engine(runtime, device, threads, plan, options.arena ?? true);
  }

  /** The lowering chosen for every shape met so far; goes into checkpoints, so that a resume runs the same arithmetic. */
  get plan(): LoweringRecord {
    return this.#plan.record;
  }

  /**
   * Compiles a graph with the given outputs.
   *
   * @throws {MlrSnetError} `ENGINE_FAILED` if the runtime refuses it.
   */
  async compile(outputs: Readonly<Record<string, Value>>): Promise<Program> {
    const choose = await this.#plan.prepare(Object.values(outputs), (candidate, choice) =>
      this.#compileWith(candidate, choice),
    );
    return await this.#compileWith(outputs, choose);
  }

  async #compileWith(outputs: Readonly<Record<string, Value>>, choose: LoweringChoice): Promise<Program> {
    const { model, inputs } = encodeModel(outputs, choose);
    try {
      const session = await this.runtime.InferenceSession.create(model, {
        executionProviders: this.device === "cpu" ? ["cpu"] : [this.device, "cpu"],
        intraOpNumThreads: this.threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        graphOptimizationLevel: "all",
        enableCpuMemArena: this.#arena,
        // A session's threads would go on spinning after a run, on the core that the next session's threads need:
        // two graphs in turns took twice the time.
        extra: { session: { force_spinning_stop: "1" } },
        logSeverityLevel: 4, // what it would write to standard error comes as an error too
      });
      return new Program(this.runtime, session, inputs, outputs);
    } catch (cause) {
      const text = cause instanceof Error ? cause.message.split("\n")[0]! : String(cause);
      // An assertion of the runtime's source, such as `/a/b.cc:136 f(x) ok was false. No supported adapters`.
      const reason = text.replace(/^\/.* was false\. /, "");
      const cure = this.device === "cpu" ? "" : "; try the device `cpu`";
      throw new MlrSnetError(
        "ENGINE_FAILED",
        `The runtime refused a graph on ${this.device}: ${reason}${cure}.`,
        { cause },
      );
    }
  }
}
