// One export, in the task process: a model file of ours becomes an ONNX file, or a TypeScript module or its tests.
import { readFile, writeFile } from "node:fs/promises";
import { exportOnnx, exportTypeScript, loadModel } from "@massif/learn";
import type { ExportOutcome, ExportTask } from "./task-protocol.ts";

/** Writes the file. Throws ModelFileError, and ParamError for what has no form in that format. */
export async function exportTask(task: ExportTask): Promise<ExportOutcome> {
  const { pipeline } = await loadModel(await readFile(task.source), { sha256: task.sha256 });
  const file = contentOf(task, pipeline);
  await writeFile(task.output, file);
  return { bytes: file.length };
}

// Internal

function contentOf({ format, numbers, named }: ExportTask, pipeline: Parameters<typeof exportOnnx>[0]): Uint8Array {
  if (format === "onnx") return exportOnnx(pipeline, { numbers });
  const { module, test } = exportTypeScript(pipeline, named);
  return Buffer.from(format === "ts" ? module : test);
}
