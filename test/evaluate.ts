import type { Engine } from "../src/engine/index.ts";
import { allocate } from "../src/engine/internal.ts";
import type { Value } from "../src/graph/index.ts";

/** Computes outputs from inputs given as plain numbers. */
export async function evaluate<Name extends string>(
  engine: Engine,
  outputs: Readonly<Record<Name, Value>>,
  feeds: Readonly<Record<string, readonly number[]>>,
): Promise<Record<Name, number[]>> {
  const program = await engine.compile(outputs);
  const inputs = [...program.inputs].map(([name, value]) => {
    const buffer = allocate(value);
    buffer.set(feeds[name] as never);
    return [name, buffer] as const;
  });
  const results = program.allocateOutputs();
  await program.bind(Object.fromEntries(inputs), results).run();
  await program.release();
  const plain = Object.entries(results).map(([name, buffer]) => [name, Array.from(buffer, Number)] as const);
  return Object.fromEntries(plain) as Record<Name, number[]>;
}
