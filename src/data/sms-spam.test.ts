import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDataset } from "./check-dataset.ts";
import {
  loadSmsSpam,
  parseSmsSpam,
  type SmsSpamOptions,
  smsSpamSource,
  withoutDuplicates,
} from "./sms-spam.ts";

const encode = (text: string) => new TextEncoder().encode(text);

describe("parseSmsSpam", () => {
  it("gives kind and text of each line", () => {
    expect(parseSmsSpam(encode("ham\tHello £5\nspam\tWin now\n"), "file")).toEqual([
      { text: "Hello £5", isSpam: false },
      { text: "Win now", isSpam: true },
    ]);
  });

  it.each([
    ["an empty file", encode(""), "line's end"],
    ["a cut line", encode("ham\tHello\nspam\tWi"), "line's end"],
    ["another kind", encode("ham\tHello\neggs\tWin\n"), "another line 2"],
    ["an empty text", encode("ham\t\n"), "another line 1"],
  ])("refuses %s and says where", (_, bytes, words) => {
    expect(() => parseSmsSpam(bytes, "file")).toThrow(
      expect.objectContaining({ code: "FILE_CORRUPT", message: expect.stringContaining(words) }),
    );
  });
});

describe("parseSmsSpam on another encoding", () => {
  it("says that bytes which are not UTF-8 are another file", () => {
    expect(() => parseSmsSpam(Uint8Array.from([104, 97, 109, 9, 255, 10]), "file")).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_FORMAT",
        message: expect.stringContaining("to be UTF-8"),
      }),
    );
  });
});

describe("withoutDuplicates", () => {
  it("keeps the first of equal texts and the order", () => {
    const messages = ["b", "a", "b", "c", "a"].map((text) => ({ text, isSpam: false }));
    expect(withoutDuplicates(messages).map(({ text }) => text)).toEqual(["b", "a", "c"]);
  });
});

describe("loadSmsSpam", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlr-snet-sms-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Twenty different messages, each twice: a word that no other has, and `same`. */
  async function load(options: SmsSpamOptions) {
    const lines = Array.from(
      { length: 20 },
      (_, i) => `${i % 4 ? "ham" : "spam"}\tword${"ab".repeat(i + 1)} same\n`,
    );
    const bytes = encode([...lines, ...lines].join(""));
    await mkdir(join(folder, "tiny"), { recursive: true });
    await writeFile(join(folder, "tiny", "messages"), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const file = { name: "messages", bytes: bytes.length, sha256, archive: "https://example.org/tiny.zip" };
    return loadSmsSpam(
      { name: "tiny", file },
      { ...options, dataDir: folder, env: { XDG_CACHE_HOME: folder } },
    );
  }

  it("splits the different messages 14, 2 and 4, the same way for the same seed", async () => {
    const options = { form: "tokens", length: 3, seed: 1 } as const;
    const [parts, again, other] = [
      await load(options),
      await load(options),
      await load({ ...options, seed: 2 }),
    ];
    const sizes = [parts.train, parts.validation, parts.test].map(({ labels }) => labels.length);
    expect(sizes).toEqual([14, 2, 4]);
    expect(again).toEqual(parts);
    expect(other.train.labels).not.toEqual(parts.train.labels);
  });

  it("numbers the words of the training part alone: a word of the test part is unknown", async () => {
    const { train, test } = await load({ form: "tokens", length: 3 });
    checkDataset(train);
    // `same` is the most frequent word, 2; every other word of a test message occurs in it alone; 0 fills up.
    for (let row = 0; row < 4; row++)
      expect([...test.inputs.subarray(3 * row, 3 * row + 3)]).toEqual([1, 2, 0]);
    expect(new Set(train.inputs)).toEqual(
      new Set(Array.from({ length: 17 }, (_, i) => i).filter((i) => i !== 1)),
    );
  });

  it("counts words in buckets as ln(1 + n)", async () => {
    const { train } = await load({ form: "bag", length: 8 });
    expect(train.inputs).toBeInstanceOf(Float32Array);
    expect(train.inputs).toHaveLength(14 * 8);
    const counts = Array.from(train.inputs.subarray(0, 8), (value) => Math.round(Math.expm1(value)));
    expect(counts.reduce((a, b) => a + b)).toBe(2);
  });

  const dataDir = fileURLToPath(new URL("../../../shared/data", import.meta.url));
  const skip = !existsSync(dataDir) && process.env.CI !== "true";
  it.skipIf(skip)(
    "reads the 5,171 different real messages, 653 of them spam (skipped without ../shared/data)",
    async () => {
      const { train, validation, test } = await loadSmsSpam(smsSpamSource, { dataDir, form: "tokens" });
      const all = [train, validation, test].map(checkDataset);
      expect(all.map(({ labels }) => labels.length)).toEqual([3620, 517, 1034]);
      expect(all.flatMap(({ labels }) => [...labels]).filter((label) => label === 1)).toHaveLength(653);
    },
  );
});
