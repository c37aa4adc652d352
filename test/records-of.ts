/** What a run records, all of it or the first `count`. */
export async function recordsOf<Entry>(
  run: { records(): AsyncGenerator<Entry, unknown> },
  count: number = Number.POSITIVE_INFINITY,
): Promise<Entry[]> {
  const records: Entry[] = [];
  const generator = run.records();
  while (records.length < count) {
    const { done, value } = await generator.next();
    if (done) break;
    records.push(value as Entry);
  }
  return records;
}
