import {
  type Candidate,
  type CompareResult,
  compare,
  findCandidate,
  judgedRun,
  levelsOf,
} from "../benchmark/index.ts";
import { type Device, Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { MlrSnet, type Schedule } from "../schedules/index.ts";
import { findTask, splitsOf, type Task } from "../training/index.ts";
import { controlName, type DemoPlan, learnedName, type PlannedComparison } from "./demo-plan.ts";
import { drive } from "./drive.ts";

/*
 * One comparison of the demo, as a process of its own with one thread: two of them use two cores better than one with
 * two threads, whose operators are too small to be shared.
 */

/** What the process is told, and what it tells. */
export type ComparisonRequest = PlannedComparison &
  Pick<DemoPlan, "byHand" | "trials" | "seeds"> & { schedule: string; seed: number; device: Device };
export type ComparisonMessage =
  | { kind: "progress"; fraction: number; note: string }
  | { kind: "result"; result: CompareResult }
  | { kind: "error"; code: string; message: string };

const millisecondsBetweenMessages = 100;

// Ctrl-C reaches every process of a terminal: the demo, which hears it too, ends this one.
process.on("SIGINT", () => {});

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
  { task: name, steps, schedule, seed, device, byHand, trials, seeds }: ComparisonRequest,
  tell: (message: ComparisonMessage) => void,
): Promise<CompareResult> {
  const task = await findTask(name).load();
  const engine = await Engine.create({ device, threads: 1 });
  const file = await MlrSnet.load(schedule);
  const learned = (): Schedule<unknown> => file.schedule() as Schedule<unknown>;
  const candidates: Candidate[] = [
    { name: learnedName, baseRates: [], create: learned },
    await control(task, engine, steps, seed, learned()),
    ...(await Promise.all(byHand.map((hand) => findCandidate(hand, task.optimizer, trials)))),
  ];
  let toldAt = 0;
  return await drive(compare({ task, candidates, engine, seeds, seed, steps }), (record) => {
    if (Date.now() - toldAt < millisecondsBetweenMessages) return;
    toldAt = Date.now();
    const fraction = (record.run * steps + record.step + 1) / (record.runs * steps);
    tell({ kind: "progress", fraction, note: `${name}: ${record.schedule}` });
  });
}

/** The learned levels as a staircase: taken from a run of the learned schedule on the search's data and seed. */
async function control(
  task: Task,
  engine: Engine,
  steps: number,
  seed: number,
  schedule: Schedule<unknown>,
): Promise<Candidate> {
  const data = splitsOf(task);
  const rates: number[] = [];
  const records = judgedRun({ task, data, schedule, engine, seed, steps, judgeOn: "validation" });
  await drive(records, ({ learningRate }) => void rates.push(learningRate));
  return { name: controlName, baseRates: [], spent: 1, create: () => levelsOf(rates) };
}
