// docs/reference/http-api.md, from the route table.
import { COMMON_ERRORS, ROUTES, type Route } from "@massif/api";
import { z } from "zod";

/** The page as Markdown. */
export function httpApiPage(): string {
  const tags = [...new Set(Object.values(ROUTES).map((route) => route.tag))];
  return [
    "# HTTP API",
    "",
    "<!-- Generated from packages/api/src/routes.ts by `npm run generate`. -->",
    "",
    "A running server shows the same as a page to try at `/docs`, and as OpenAPI at `/openapi.json`.",
    "Send the key as `authorization: Bearer KEY`. Each role may do what the ones after it may: admin, member, viewer, predict.",
    `Besides the errors named, a route can answer: ${COMMON_ERRORS.map(code).join(", ")} ([all errors](errors.md)).`,
    ...tags.flatMap(section),
    "",
  ].join("\n");
}

// Internal

function section(tag: string): string[] {
  const routes = Object.entries(ROUTES).filter(([, route]) => route.tag === tag);
  return ["", `## ${tag}`, ...routes.flatMap(([name, route]) => entry(name, route))];
}

function entry(name: string, route: Route): string[] {
  const facts = [
    `Role: ${route.role ?? "none needed"}`,
    `client: \`client.${name}(…)\``,
    `answers ${route.status ?? 200}${answerNote(route)}`,
    ...(route.errors.length > 0 ? [`errors: ${route.errors.map(code).join(", ")}`] : []),
  ];
  return [
    "",
    `### ${route.method} ${route.path}`,
    "",
    `${route.summary}.`,
    "",
    `${facts.join(" · ")}`,
    ...fields("Query", route.query),
    ...(route.upload ? ["", "Body: the file's bytes (`application/octet-stream`)."] : fields("Body", route.body)),
    ...(route.answer === "text" || route.answer === "file" || route.answer === "stream"
      ? []
      : fields("Answer", route.response)),
  ];
}

function answerNote(route: Route): string {
  if (route.answer === "events") return " with server-sent events of";
  if (route.answer === "text") return " with text";
  return route.answer === "file" || route.answer === "stream" ? " with a file" : "";
}

function fields(title: string, schema: z.ZodType | undefined): string[] {
  if (schema === undefined) return [];
  const json = z.toJSONSchema(schema, {
    io: title === "Answer" ? "output" : "input",
    unrepresentable: "any",
    reused: "inline",
  });
  return ["", `${title}: \`${shape(json as JsonSchema, json as JsonSchema)}\``];
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
}

// One line per schema: what a caller must know, without repeating named resources.
function shape(schema: JsonSchema, root: JsonSchema, depth = 0): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    const target = root.$defs?.[name];
    return target === undefined || depth > 1 ? name : shape(target, root, depth);
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((choice) => shape(choice, root, depth + 1)).join(" | ");
  if (schema.type === "array") return `${wrap(shape(schema.items ?? {}, root, depth))}[]`;
  if (schema.properties !== undefined) return objectShape(schema, root, depth);
  if (schema.type === "object") return "{ [name]: value }";
  return typeof schema.type === "object" ? schema.type.join(" | ") : (schema.type ?? "any");
}

function objectShape(schema: JsonSchema, root: JsonSchema, depth: number): string {
  if (depth > 1) return "object";
  const parts = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    return `${name}${mark}: ${shape(property, root, depth + 1)}`;
  });
  return `{ ${parts.join(", ")} }`;
}

function wrap(text: string): string {
  return text.includes(" | ") && !text.startsWith("{") ? `(${text})` : text;
}

function code(name: string): string {
  return `\`${name}\``;
}
