// Reads the API key of a request.
import { ApiError } from "@massif/api";

/** The key in an `authorization` header; throws UNAUTHENTICATED when there is none. */
export function bearerOf(header: string | undefined): string {
  if (header === undefined) throw new ApiError("UNAUTHENTICATED", "the request has no `authorization` header");
  const found = /^Bearer +(\S{1,200})$/i.exec(header.trim());
  if (found === null) throw new ApiError("UNAUTHENTICATED", "the `authorization` header is not `Bearer KEY`");
  return found[1];
}
