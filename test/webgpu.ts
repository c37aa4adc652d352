import { existsSync } from "node:fs";

const folder = "/usr/lib/chromium";

/**
 * The environment in which onnxruntime's WebGPU provider finds a software device: SwiftShader and the Vulkan loader
 * that Debian's chromium brings. It has to be there when the process starts. Empty where a driver is set already.
 */
export function softwareGpu(): Record<string, string> {
  if (process.env.VK_ICD_FILENAMES || !existsSync(`${folder}/vk_swiftshader_icd.json`)) return {};
  return {
    VK_ICD_FILENAMES: `${folder}/vk_swiftshader_icd.json`,
    LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
  };
}
