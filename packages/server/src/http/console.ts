// The web console: one page and its assets, from a folder that the build made. Assets have their content's hash in their
// names and are kept by browsers for ever; the page is asked for anew and allows only what comes from this server.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

/** Serves the console built into `folder` at `/`; without one, `/` says so in words. */
export async function addConsole(app: FastifyInstance, folder: string | undefined): Promise<void> {
  app.get("/", async (_request, reply) => {
    // Read each time: a console that is built anew under a running server names other assets.
    const page = folder === undefined ? undefined : await readPage(folder);
    if (page === undefined) return reply.code(404).type("text/plain; charset=utf-8").send(NOT_BUILT);
    const nonce = randomBytes(16).toString("base64");
    return secured(reply, nonce).type("text/html; charset=utf-8").send(page.replaceAll(NONCE, nonce));
  });
  if (folder === undefined || !existsSync(join(folder, "assets"))) return;
  await app.register(fastifyStatic, {
    root: join(folder, "assets"),
    prefix: "/assets/",
    decorateReply: false,
    preCompressed: true,
    index: false,
    immutable: true,
    maxAge: "365d",
    setHeaders: (reply) => reply.header("x-content-type-options", "nosniff"),
  });
}

// Internal

/** Stands in the built page where each answer gets its own nonce: component styles are made at run time. */
const NONCE = "__MASSIF_NONCE__";

const NOT_BUILT = [
  "Massif answers here, but its web console is not built.",
  "Build it with `npm run build` and start the server again.",
  "The API is at /v1, its description at /docs.",
  "",
].join("\n");

async function readPage(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, "index.html"), "utf8");
  } catch {
    return undefined;
  }
}

function secured(reply: FastifyReply, nonce: string): FastifyReply {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    // Charts and components place themselves by attributes; no style sheet or script can be smuggled in that way.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return reply
    .header("content-security-policy", policy.join("; "))
    .header("cache-control", "no-cache")
    .header("referrer-policy", "no-referrer")
    .header("x-content-type-options", "nosniff")
    .header("cross-origin-opener-policy", "same-origin");
}
