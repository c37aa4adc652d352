/** Mean and population standard deviation. */
export function moments(values: Float64Array | Float32Array | Int32Array): {
  mean: number;
  deviation: number;
} {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
