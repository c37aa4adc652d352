/** Every code an error of this package can carry; each is listed with its cure in `docs/errors.md`. */
export type ErrorCode =
  | "USAGE" // the command line was used wrongly: exit status 2
  | "INVALID_ARGUMENT" // an option or argument is outside its range
  | "UNKNOWN_NAME" // no task, schedule, data set, ... of that name
  | "NOT_FINITE" // a loss or a rate is NaN or infinite
  | "MISSING_OBSERVATION" // a schedule asked for a quantity that the loop did not give
  | "STATE_MISMATCH" // a saved state belongs to something else
  | "SHAPE_MISMATCH" // a tensor does not have the expected shape
  | "NO_GRADIENT" // an operator on the path has no gradient
  | "NO_BATCHING" // an operator of the model has no form for many members at once
  | "FILE_NOT_FOUND"
  | "FILE_UNREADABLE"
  | "FILE_UNWRITABLE" // no permission, no space, no such folder
  | "FILE_CORRUPT" // truncated or damaged
  | "UNSUPPORTED_FORMAT" // a format or a format version that this release does not read
  | "DATA_NOT_FOUND" // a data set is in none of the places searched and cannot be downloaded
  | "TASK_INVALID" // a task file does not export a valid task
  | "ENGINE_MISSING" // onnxruntime-node is not installed
  | "ENGINE_FAILED" // the runtime refused a graph or a step
  | "INTERRUPTED"; // stopped by the user after a checkpoint: exit status 130

/**
 * The one error class of the package. `message` is one line: what was expected, what was given, what to do.
 */
export class MlrSnetError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "MlrSnetError";
    this.code = code;
  }
}
