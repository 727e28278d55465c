/** A file that is no model, is damaged, or is not the one that was asked for. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
}
