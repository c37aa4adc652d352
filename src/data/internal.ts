/* The inner door: what other floors need of data/ and users do not. No entry of the package. */
export {
  allocateInputs,
  checkTokens,
  copyExamples,
  inputLength,
  inputTypeOf,
  labelTypeOf,
  subset,
} from "./dataset.ts";
