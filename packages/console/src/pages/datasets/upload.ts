// Uploads by XMLHttpRequest: `fetch` cannot tell how much of a body has left.
import { ApiError, type DatasetVersion, type ErrorBody, ROUTES } from "@massif/api";

interface UploadRequest {
  readonly file: File;
  readonly name: string;
  readonly secret: string;
  /** Share of the bytes that have left, 0..1. */
  readonly onProgress: (share: number) => void;
}

/** Sends a file as a data set; resolves when the server has it, before it is imported. */
export function upload({ file, name, secret, onProgress }: UploadRequest): Promise<DatasetVersion> {
  const { method, path } = ROUTES.importDataset;
  const request = new XMLHttpRequest();
  request.open(method, `${path}?${new URLSearchParams({ name, filename: file.name })}`);
  request.setRequestHeader("authorization", `Bearer ${secret}`);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
  return new Promise((resolve, reject) => {
    request.onload = () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText) as DatasetVersion);
      else reject(refusal(request));
    };
    request.onerror = () => reject(new ApiError("SERVER_UNREACHABLE", "the connection broke while the file was sent"));
    request.send(file);
  });
}

// Internal

function refusal({ status, responseText }: XMLHttpRequest): ApiError {
  try {
    const { code, message, requestId, details } = (JSON.parse(responseText) as ErrorBody).error;
    return new ApiError(code, message, { requestId, details });
  } catch {
    return new ApiError("INTERNAL", `the server answered ${status}, which is no Massif error`);
  }
}
