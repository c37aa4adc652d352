/**
 * Runs a generator to its end.
 *
 * @param onRecord is called with each record.
 * @returns what the generator returns, which `for await` would lose.
 */
export async function drain<Item, Result>(
  generator: AsyncGenerator<Item, Result>,
  onRecord: (record: Item) => void | Promise<void>,
): Promise<Result> {
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return value;
    await onRecord(value);
  }
}
