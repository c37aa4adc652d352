/**
 * Text as it stands in the source, for a terminal of any width: the lines of a paragraph become one, which commander
 * wraps again. Paragraphs are parted by an empty line.
 */
export function prose(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, " "))
    .join("\n\n");
}
