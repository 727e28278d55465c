// The shape of what answers a route: typed by the route table, free of the framework.
import type { Readable } from "node:stream";
import type { RouteName, Routes } from "@massif/api";
import type { z } from "zod";
import type { Caller } from "../services/caller.ts";

type Part<R, K extends string> = R extends { readonly [P in K]: infer S extends z.ZodType } ? z.output<S> : undefined;

/** What a handler is given: the checked parts of the request, and who asks. */
export interface Asked<R> {
  readonly params: Part<R, "params">;
  readonly query: Part<R, "query">;
  readonly body: Part<R, "body">;
  /** The raw bytes of an upload. */
  readonly file: R extends { readonly upload: true } ? Readable : undefined;
  readonly caller: Caller;
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
  /** Bytes of the body. */
  readonly bytesIn: number;
  /** Adds a header to the answer. */
  header(name: string, value: string): void;
  /** Calls back once with the bytes of the answer, when it went out or could not. */
  sent(callback: (bytes: number) => void): void;
  /** `last-event-id` of a caller that resumes an event stream. */
  readonly lastEventId: string | undefined;
  /** The address the caller used, such as `http://127.0.0.1:7331`. */
  readonly origin: string;
}

/** One server-sent event: its id is what a caller resumes from. */
export interface StreamEvent<T> {
  readonly id: string;
  readonly data: T;
}

/** A file to send. */
export interface FileAnswer {
  readonly stream: Readable;
  readonly bytes: number;
  readonly name: string;
}

/** A file whose length is not known when its first byte is sent. */
export interface StreamAnswer {
  readonly stream: Readable;
  /** Bytes of what it carries, for progress. */
  readonly bytes: number;
  readonly name: string;
}

type Answer<R> = R extends { readonly answer: "events"; readonly response: infer S extends z.ZodType }
  ? AsyncIterable<StreamEvent<z.output<S>> | "idle">
  : R extends { readonly answer: "file" }
    ? FileAnswer
    : R extends { readonly answer: "stream" }
      ? StreamAnswer
      : R extends { readonly response: infer S extends z.ZodType }
        ? z.input<S>
        : never;

/** Answers one route. */
export type Handler<R> = (asked: Asked<R>) => Promise<Answer<R>>;

/** A handler for every route of the table. */
export type Handlers = { readonly [N in RouteName]: Handler<Routes[N]> };
