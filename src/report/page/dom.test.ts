import { describe, expect, it } from "vitest";
import { unbroken } from "./dom.ts";

describe("unbroken", () => {
  it("keeps numbers and their units together, and leaves other spaces.", () => {
    expect(unbroken("In 1 min 6 s it ends at 52.3 %, 3 points below the 4 made by hand.")).toBe(
      "In 1\u00a0min 6\u00a0s it ends at 52.3\u00a0%, 3\u00a0points below the 4 made by hand.",
    );
  });
});
