/* The inner door: what other floors need of data/ and users do not. No entry of the package. */
export { checkTokens } from "./check-dataset.ts";
export { checksumOf } from "./checksum.ts";
export { parseCifar10 } from "./cifar10.ts";
export { allocateInputs, inputLength, inputTypeOf, labelTypeOf } from "./dataset.ts";
export { copyInputs, decodedInputs } from "./examples.ts";
export { readIdx } from "./idx.ts";
export { mnist1dTemplates } from "./mnist1d.ts";
export { parseSmsSpam } from "./sms-spam.ts";
