/** What an input may be computed from: L_t in nats and C, the number of classes or the vocabulary size. */
export type InputSource = { loss: number; classes: number };

/** `loss`: L_t (images). `loss-over-log-classes`: L_t / ln C, 1 for a guess at random (language). */
export type InputName = "loss" | "loss-over-log-classes";

/** The scalars a cell can read. A further one is a further row; its name goes into the schedule's file. */
const readers: Record<InputName, (source: InputSource) => number> = {
  loss: ({ loss }) => loss,
  "loss-over-log-classes": ({ loss, classes }) => loss / Math.log(classes),
};

export const inputNames: readonly InputName[] = Object.keys(readers) as InputName[];

/** x_t: the numbers that the first LSTM layer reads, [inputs]. */
export function readInputs(names: readonly InputName[], source: InputSource): number[] {
  return names.map((name) => readers[name](source));
}
