// Opens the port, and says who has it when it is taken.
import { ApiError } from "@massif/api";
import type { FastifyInstance } from "fastify";

/** The header by which a Massif tells the process it runs in; on `/healthz` only. */
export const PID_HEADER = "x-massif-pid";

/** Listens; gives the address. Throws PORT_IN_USE. */
export async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE") throw await portInUse(host, port, error);
    if (code === "EACCES") {
      throw new ApiError("PORT_IN_USE", `port ${port} may not be opened by this user`, { cause: error });
    }
    if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL") {
      throw new ApiError("INVALID_REQUEST", `"${host}" is not an address of this machine`, { cause: error });
    }
    throw error;
  }
  const address = app.server.address();
  const actual = typeof address === "object" && address !== null ? address.port : port;
  return `http://${host.includes(":") ? `[${host}]` : host}:${actual}`;
}

// Internal

const ASK_MS = 1000;

async function portInUse(host: string, port: number, cause: unknown): Promise<ApiError> {
  const pid = await massifAt(host, port);
  const who = pid === undefined ? "another program" : `a Massif server (pid ${pid})`;
  return new ApiError("PORT_IN_USE", `port ${port} on ${host} is in use by ${who}`, { cause });
}

async function massifAt(host: string, port: number): Promise<string | undefined> {
  const reachable = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  try {
    const answer = await fetch(`http://${reachable}:${port}/healthz`, { signal: AbortSignal.timeout(ASK_MS) });
    await answer.body?.cancel();
    return answer.headers.get(PID_HEADER) ?? undefined;
  } catch {
    return undefined;
  }
}
