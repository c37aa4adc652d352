/** A value as one short line for an error message; safe for values from damaged files, of any size and depth. */
export function show(value: unknown): string {
  try {
    const isJson = typeof value === "object" || typeof value === "string";
    const text = isJson ? JSON.stringify(value) : String(value);
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  } catch {
    return "an object"; // circular, too deep, or with a bigint
  }
}
