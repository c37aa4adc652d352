/** Ticks of a log axis that people count in: 1, 2 and 5 of each decade, of long axes the decades alone. */
export function logTicks(least: number, greatest: number): number[] {
  const decades = Math.log10(greatest / least);
  const factors = decades < 1 ? [1, 1.5, 2, 3, 4, 5, 6, 7, 8] : decades < 2.2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= greatest; power++)
    for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(2)));
  return ticks.filter((tick) => tick >= least && tick <= greatest);
}
