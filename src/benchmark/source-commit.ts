import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The commit that this code is of, `… with changes` where src/ or zoo/ differ from it, `unknown` outside a clone. */
export function sourceCommit(): string {
  try {
    // Installed in someone else's repository, the commit there says nothing of this package.
    git("ls-files", "--error-unmatch", "package.json");
    const changes = git("status", "--porcelain", "--", "src", "zoo");
    return git("rev-parse", "HEAD") + (changes ? " with changes" : "");
  } catch {
    return "unknown";
  }
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
