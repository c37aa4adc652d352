/** A value as one short line for an error message; safe for values from damaged files, of any size and depth. */
export function show(value: unknown): string {
  const text =
    typeof value === "object"
      ? json(value)
      : typeof value === "string"
        ? JSON.stringify(value)
        : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function json(value: object | null): string {
  try {
    return JSON.stringify(value) ?? "an object";
  } catch {
    return "an object"; // circular, too deep, or with a bigint
  }
}
