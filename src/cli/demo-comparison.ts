import { type Candidate, type CompareResult, compare, findCandidate } from "../benchmark/index.ts";
import { type Device, Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { findTask } from "../training/internal.ts";
import { type DemoPlan, type PlannedComparison, searchSeeds } from "./demo-plan.ts";
import { drain } from "./drain.ts";

/*
 * One comparison of the demo, as a process of its own with one thread: two of them use two cores better than one with
 * two threads, whose operators are too small to be shared.
 */

/** What the process is told, and what it tells. */
export type ComparisonRequest = PlannedComparison &
  Pick<DemoPlan, "byHand" | "trials" | "seeds"> & {
    /** Where each learned schedule is read from: a file's path, or `zoo:NAME`. */
    learned: readonly { name: string; source: string }[];
    seed: number;
    device: Device;
  };
export type ComparisonMessage =
  | { kind: "progress"; fraction: number; note: string }
  | { kind: "result"; result: CompareResult }
  | { kind: "error"; code: string; message: string };

const millisecondsBetweenMessages = 100;

// Ctrl-C, a closed terminal and often SIGTERM reach every process of a group: the demo, which hears them too, ends this
// one, and so does its own end.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});
process.on("disconnect", () => process.exit());

process.once("message", async (request: ComparisonRequest) => {
  const tell = (message: ComparisonMessage): void => void process.send?.(message);
  const answer: ComparisonMessage = await run(request, tell).then(
    (result) => ({ kind: "result", result }),
    (error: unknown) => ({
      kind: "error",
      code: error instanceof MlrSnetError ? error.code : "UNEXPECTED",
      message: error instanceof Error ? error.message : String(error),
    }),
  );
  // Only when the answer is on its way: it has several megabytes.
  process.send?.(answer, undefined, undefined, () => process.disconnect());
});

async function run(
  { task: name, steps, learned, seed, device, byHand, trials, seeds }: ComparisonRequest,
  tell: (message: ComparisonMessage) => void,
): Promise<CompareResult> {
  const task = await findTask(name).load();
  const engine = await Engine.create({ device, threads: 1 });
  const candidate = (reference: string): Promise<Candidate> => findCandidate(reference, task, trials);
  const candidates: Candidate[] = await Promise.all([
    ...learned.map(async ({ name, source }) => ({ ...(await candidate(source)), name })),
    ...byHand.map(candidate),
  ]);
  let toldAt = 0;
  return await drain(compare({ task, candidates, engine, seeds, searchSeeds, seed, steps }), (record) => {
    if (Date.now() - toldAt < millisecondsBetweenMessages) return;
    toldAt = Date.now();
    const fraction = (record.run * steps + record.step + 1) / (record.runs * steps);
    tell({ kind: "progress", fraction, note: `${name}: ${record.schedule}` });
  });
}
