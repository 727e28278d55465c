// The API's description as JSON and as a page; both work without the internet.
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { openApi } from "./openapi.ts";

/** Adds `/openapi.json` and `/docs`. */
export async function addDocs(app: FastifyInstance, version: string): Promise<void> {
  const document = openApi(version);
  const text = JSON.stringify(document, null, 2);
  app.get("/openapi.json", async (_request, reply) => reply.type("application/json; charset=utf-8").send(text));
  await app.register(swagger, { mode: "static", specification: { document: document as never } });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    uiConfig: { docExpansion: "list", persistAuthorization: true, displayRequestDuration: true },
    theme: { title: "Massif API", css: [{ filename: "massif.css", content: ".swagger-ui .topbar { display: none }" }] },
  });
}
