import {
  input,
  type Lowering,
  type LoweringChoice,
  type Node,
  reshapeTo,
  slice,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { allocate, type BoundProgram, type Program } from "./program.ts";

/** One way to write a node. */
export type Candidate = [name: string, lowering: Lowering<Node["attributes"]>];

export type Compile = (outputs: Record<string, Value>, choice: LoweringChoice) => Promise<Program>;

type Contestant = { name: string; program: Program; bound: BoundProgram; best: number };

/**
 * The name of the candidate with the smallest time, the node compiled alone on numbers of ordinary size. One that does not
 * compile is none that this provider has; one that compiles and fails to run is left out and told of.
 *
 * @returns the first one's name where none runs: compiled as part of the graph, it fails with the runtime's own reason.
 */
export async function fastest(
  node: Node,
  candidates: readonly Candidate[],
  compile: Compile,
  onFailure: (name: string, reason: string) => void,
): Promise<string> {
  const inputs = node.inputs.map(({ shape, dataType }, index) => input(`x${index}`, shape, dataType));
  const outputs: Value[] = [];
  const alone: Node = { ...node, inputs, outputs };
  for (const { shape, dataType } of node.outputs)
    outputs.push({ shape, dataType, source: { kind: "node", node: alone, index: outputs.length } });
  // One element is fetched: copying large results out of the runtime takes longer than many operators.
  const named = Object.fromEntries(
    outputs.map((value, index) => [`y${index}`, slice(reshapeTo(value, [elements(value.shape)]), 0, 0, 1)]),
  );
  const buffers = Object.fromEntries(inputs.map((value, index) => [`x${index}`, testNumbers(value)]));
  const compiled: Program[] = [];
  try {
    const contestants: Contestant[] = [];
    for (const [name, lowering] of candidates) {
      const choice: LoweringChoice = (other) =>
        other === alone ? lowering : Object.values(other.operator.lowerings)[0]!;
      const program = await compile(named, choice).catch(() => undefined);
      if (!program) continue;
      compiled.push(program);
      const contestant = { name, program, bound: program.bind(buffers, program.allocateOutputs()), best: 0 };
      if (await runs(contestant, onFailure))
        contestants.push({ ...contestant, best: Number.POSITIVE_INFINITY });
    }
    return (await race(contestants, onFailure)) ?? candidates[0]![0];
  } finally {
    for (const program of compiled) await program.release();
  }
}

async function runs(
  { name, bound }: Contestant,
  onFailure: (name: string, reason: string) => void,
): Promise<boolean> {
  try {
    await bound.run();
    return true;
  } catch (cause) {
    onFailure(name, (cause as Error).message);
    return false;
  }
}

/**
 * The one with the smallest time (other work on the machine makes times longer, never shorter); of two that differ
 * by less than the noise the one that stands first, since that is the better guess.
 */
async function race(
  contestants: readonly Contestant[],
  onFailure: (name: string, reason: string) => void,
): Promise<string | undefined> {
  let left = [...contestants];
  const leader = (): Contestant => left.reduce((a, b) => (b.best < 0.95 * a.best ? b : a));
  for (let round = 0; round < 15 && left.length > 1; round++) {
    for (const contestant of [...left]) {
      const start = performance.now();
      if (await runs(contestant, onFailure))
        contestant.best = Math.min(contestant.best, performance.now() - start);
      else left = left.filter((other) => other !== contestant);
    }
    if (round >= 2 && left.length > 0) {
      const limit = 1.5 * leader().best;
      left = left.filter(({ best }) => best < limit);
    }
  }
  return left.length > 0 ? leader().name : undefined;
}

function testNumbers({ shape, dataType }: Value): ReturnType<typeof allocate> {
  const buffer = allocate({ shape, dataType });
  if (buffer instanceof Float32Array)
    for (let i = 0; i < elements(shape); i++) buffer[i] = ((i * 7919) % 1000) / 500 - 1;
  return buffer;
}
