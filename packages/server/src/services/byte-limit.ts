// Lets bytes through up to a limit, and counts them.
import { Transform } from "node:stream";
import { ApiError } from "@massif/api";

/** A stream that fails with TOO_LARGE, naming the limit, when more than `limit` bytes come. */
export function byteLimit(limit: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      seen += chunk.byteLength;
      if (seen <= limit) return done(null, chunk);
      done(new ApiError("TOO_LARGE", `the file is over the limit of ${limit} bytes (uploadLimitBytes)`));
    },
  });
}
