// The OpenAPI description (3.1), made from the route table and the error table: nothing is written twice.
import { COMMON_ERRORS, ERRORS, ErrorBody, type ErrorCode, ROUTES, type Route } from "@massif/api";
import { z } from "zod";

type JsonObject = Record<string, unknown>;

/** The whole description. */
export function openApi(version: string): JsonObject {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, JsonObject> = {};
  for (const [name, route] of Object.entries(ROUTES) as [string, Route][]) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, schemas) };
  }
  schemaOf(ErrorBody, schemas);
  return {
    openapi: "3.1.0",
    info: {
      title: "Massif",
      version,
      description:
        "From a data file to a metered prediction endpoint. Every error has the shape `Error`; its `code` is stable.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(Object.values(ROUTES).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key: `msf_…`" } },
    },
  };
}

// Internal

const JSON_TYPE = "application/json";

function operation(name: string, route: Route, schemas: Record<string, unknown>): JsonObject {
  const { tag, summary, role } = route;
  const parameters = [...parametersOf(route.params, "path", schemas), ...parametersOf(route.query, "query", schemas)];
  return {
    operationId: name,
    tags: [tag],
    summary,
    description: role === null ? "Needs no key." : `Needs a key with at least the role \`${role}\`.`,
    security: role === null ? [] : [{ key: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBody(route, schemas),
    responses: { [String(route.status ?? 200)]: success(route, schemas), ...failures(route) },
  };
}

function parametersOf(
  schema: z.ZodObject | undefined,
  where: "path" | "query",
  schemas: Record<string, unknown>,
): JsonObject[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: where,
    required: where === "path" || !(field as z.ZodType).safeParse(undefined).success,
    schema: schemaOf(field as z.ZodType, schemas),
  }));
}

function requestBody(route: Route, schemas: Record<string, unknown>): JsonObject {
  if (route.upload) {
    const schema = { type: "string", format: "binary", description: "The bytes of the file." };
    return { requestBody: { required: true, content: { "application/octet-stream": { schema } } } };
  }
  if (route.body === undefined) return {};
  return { requestBody: { required: true, content: { [JSON_TYPE]: { schema: schemaOf(route.body, schemas) } } } };
}

const ANSWER_TYPES = {
  json: JSON_TYPE,
  text: "text/plain",
  file: "application/octet-stream",
  stream: "application/octet-stream",
  events: "text/event-stream",
};

function success(route: Route, schemas: Record<string, unknown>): JsonObject {
  const type = ANSWER_TYPES[route.answer ?? "json"];
  const binary = { type: "string", format: "binary" };
  const schema = route.answer === "file" || route.answer === "stream" ? binary : schemaOf(route.response, schemas);
  const description = route.answer === "events" ? "Server-sent events; the `data` of each is one of these." : "Done.";
  return { description, content: { [type]: { schema } } };
}

/** One answer per status: several codes may share one. */
function failures(route: Route): JsonObject {
  const common = route.role === null ? (["INTERNAL"] as const) : COMMON_ERRORS;
  const codes = [...new Set<ErrorCode>([...common, ...bodyErrors(route), ...route.errors])];
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort((a, b) => a - b);
  const answers = statuses.map((status) => {
    const same = codes.filter((code) => ERRORS[code].status === status);
    const description = same.map((code) => `\`${code}\`: ${ERRORS[code].doc}`).join("\n\n");
    const schema = { $ref: "#/components/schemas/Error" };
    return [String(status), { description, content: { [JSON_TYPE]: { schema } } }] as const;
  });
  return Object.fromEntries(answers);
}

function bodyErrors(route: Route): readonly ErrorCode[] {
  if (route.upload) return ["UNSUPPORTED_MEDIA_TYPE", "INVALID_FILE"];
  return route.body === undefined ? [] : ["INVALID_JSON", "UNSUPPORTED_MEDIA_TYPE", "TOO_LARGE", "TIMEOUT"];
}

/** The JSON schema of a type; what has a name goes to `schemas` and is referred to. */
function schemaOf(type: z.ZodType, schemas: Record<string, unknown>): JsonObject {
  const {
    $schema: _,
    $defs,
    ...schema
  } = z.toJSONSchema(type, { io: "input", unrepresentable: "any", reused: "inline" }) as JsonObject;
  for (const [name, definition] of Object.entries(($defs ?? {}) as JsonObject)) schemas[name] ??= relink(definition);
  const { id, ...rest } = relink(schema) as JsonObject;
  if (typeof id !== "string" || "$ref" in rest) return rest;
  schemas[id] ??= rest;
  return { $ref: `#/components/schemas/${id}` };
}

/** References within one schema become references to the components. */
function relink(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relink);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === "$ref" && typeof item === "string" ? item.replace("#/$defs/", "#/components/schemas/") : relink(item),
    ]),
  );
}
