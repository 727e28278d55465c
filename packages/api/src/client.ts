// A typed client made from the route table: `client.getRun({ params: { id } })`. It runs wherever `fetch` does.
import type { z } from "zod";
import { ApiError, type ErrorDetail, isErrorCode } from "./errors.ts";
import { readEvents } from "./event-stream.ts";
import { ROUTES, type Route, type RouteName, type Routes } from "./routes.ts";

export interface ClientOptions {
  /** Where the server listens, such as `http://127.0.0.1:7331`. */
  readonly url: string;
  readonly key?: string;
  readonly fetch?: typeof globalThis.fetch;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  /** The request id to appear in logs; the server makes one when absent. */
  readonly requestId?: string;
}

type Part<R, K extends "params" | "query" | "body"> = R extends { readonly [P in K]: infer S extends z.ZodType }
  ? Record<string, never> extends z.input<S>
    ? { readonly [P in K]?: z.input<S> }
    : { readonly [P in K]: z.input<S> }
  : unknown;

type UploadPart<R> = R extends { readonly upload: true }
  ? { readonly file: Blob | ReadableStream | Uint8Array }
  : unknown;

/** What a route's call takes. */
export type CallInput<R> = Part<R, "params"> & Part<R, "query"> & Part<R, "body"> & UploadPart<R> & CallOptions;

type Answer<R> = R extends { readonly answer: "events"; readonly response: infer S extends z.ZodType }
  ? AsyncIterable<z.output<S>>
  : R extends { readonly answer: "text" }
    ? Promise<string>
    : R extends { readonly answer: "file" }
      ? Promise<Uint8Array>
      : R extends { readonly answer: "stream" }
        ? Promise<Download>
        : R extends { readonly response: infer S extends z.ZodType }
          ? Promise<z.output<S>>
          : never;

/** The bytes of a file as they come. */
export interface Download {
  readonly stream: ReadableStream<Uint8Array>;
  /** About how many bytes will come, for progress. */
  readonly bytes: number | undefined;
  /** What the server calls the file. */
  readonly name: string | undefined;
}

type Call<R> =
  Record<string, never> extends Omit<CallInput<R>, keyof CallOptions>
    ? (input?: CallInput<R>) => Answer<R>
    : (input: CallInput<R>) => Answer<R>;

/** One function per route. Every failure is an ApiError: the server's own, or SERVER_UNREACHABLE. */
export type Client = { readonly [N in RouteName]: Call<Routes[N]> };

interface AnyInput extends CallOptions {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly file?: RequestInit["body"];
}

/** A client for the server at `options.url`. */
export function createClient(options: ClientOptions): Client {
  const calls: Record<string, (input?: AnyInput) => unknown> = {};
  for (const [name, route] of Object.entries(ROUTES)) {
    calls[name] = (input = {}) => call(options, route, input);
  }
  return calls as unknown as Client;
}

// Internal

/** The size of what a stream carries, where the length of the stream itself is not known when it begins. */
const CONTENT_BYTES = "x-massif-content-bytes";

function call(options: ClientOptions, route: Route, input: AnyInput): unknown {
  if (route.answer === "events") return readEvents(() => send(options, route, input));
  return send(options, route, input).then((response) => read(route, response));
}

function read(route: Route, response: Response): Promise<unknown> | Download {
  if (route.answer === "stream") return downloadOf(response);
  if (route.answer === "text") return response.text();
  if (route.answer === "file") return response.arrayBuffer().then((buffer) => new Uint8Array(buffer));
  return response.json();
}

function downloadOf({ body, headers }: Response): Download {
  const bytes = Number(headers.get(CONTENT_BYTES) ?? Number.NaN);
  const name = /filename="([^"]+)"/.exec(headers.get("content-disposition") ?? "")?.[1];
  return { stream: body ?? new ReadableStream(), bytes: Number.isFinite(bytes) ? bytes : undefined, name };
}

async function send(options: ClientOptions, route: Route, input: AnyInput): Promise<Response> {
  const url = address(options.url, route.path, input);
  const request: RequestInit & { duplex?: "half" } = { method: route.method, headers: headers(options, input) };
  if (input.signal !== undefined) request.signal = input.signal;
  if (input.file !== undefined) Object.assign(request, { body: input.file, duplex: "half" });
  else if (input.body !== undefined) request.body = JSON.stringify(input.body);
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(url, request);
  } catch (cause) {
    if (input.signal?.aborted) throw cause;
    throw new ApiError("SERVER_UNREACHABLE", `no Massif server answers at ${options.url}`, { cause });
  }
  if (!response.ok) throw await failure(response, options.url);
  return response;
}

function address(base: string, path: string, input: AnyInput): URL {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input.params?.[name])));
  const url = new URL(filled, base);
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function headers(options: ClientOptions, input: AnyInput): Headers {
  const headers = new Headers();
  if (options.key !== undefined) headers.set("authorization", `Bearer ${options.key}`);
  if (input.requestId !== undefined) headers.set("x-request-id", input.requestId);
  if (input.file !== undefined) headers.set("content-type", "application/octet-stream");
  else if (input.body !== undefined) headers.set("content-type", "application/json");
  return headers;
}

async function failure(response: Response, url: string): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: Record<string, unknown> | string } | null;
  // The Open Inference Protocol's errors are text alone; their code is in a header.
  const code = response.headers.get("x-massif-error");
  const error = typeof body?.error === "string" ? { code, message: body.error } : body?.error;
  if (error === undefined || !isErrorCode(error.code)) {
    return new ApiError(
      "INTERNAL",
      `${url} answered ${response.status} ${response.statusText}, which is no Massif error`,
    );
  }
  return new ApiError(error.code, String(error.message), {
    details: (error.details as ErrorDetail[] | undefined) ?? [],
    retryAfter: error.retryAfter as number | undefined,
    requestId: error.requestId as string | undefined,
  });
}
