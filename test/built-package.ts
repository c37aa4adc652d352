import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));

/** `folder` holds package.json, dist/ and zoo/, as an installed package does. */
export type BuiltPackage = { folder: string; remove: () => Promise<void> };

/**
 * Builds the package into a folder of its own, so that a test runs what users run and not the `dist` of someone's last
 * build. It lies below node_modules, where its imports of other packages resolve. The report's page is not built.
 */
export async function buildPackage(): Promise<BuiltPackage> {
  const cache = join(root, "node_modules", ".cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "mlr-snet-"));
  await copyFile(join(root, "package.json"), join(folder, "package.json"));
  await symlink(join(root, "zoo"), join(folder, "zoo"), "junction");
  const tsc = join(root, "node_modules", ".bin", "tsc");
  try {
    await promisify(execFile)(tsc, ["-p", "tsconfig.build.json", "--outDir", join(folder, "dist")], {
      cwd: root,
      shell: process.platform === "win32",
    });
  } catch (cause) {
    await rm(folder, { recursive: true });
    throw new Error(`The package does not build:\n${(cause as { stdout?: string }).stdout}`, { cause });
  }
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
