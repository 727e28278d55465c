// One export, in the task process: a model file of ours becomes an ONNX file.
import { readFile, writeFile } from "node:fs/promises";
import { exportOnnx, loadModel } from "@massif/learn";
import type { ExportOutcome, ExportTask } from "./task-protocol.ts";

/** Writes the ONNX file. Throws ModelFileError, and ParamError for what has no ONNX operators. */
export async function exportTask({ source, sha256, numbers, output }: ExportTask): Promise<ExportOutcome> {
  const { pipeline } = await loadModel(await readFile(source), { sha256 });
  const file = exportOnnx(pipeline, { numbers });
  await writeFile(output, file);
  return { bytes: file.length };
}
