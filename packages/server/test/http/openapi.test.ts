// The description of the API: complete, without dangling references, and readable without the internet.
import { COMMON_ERRORS, ERRORS, ROUTES, type Route } from "@massif/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openApi } from "../../src/http/openapi.ts";
import { startTestServer, type TestServer } from "../servers.ts";

interface Description {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; required: boolean }[];
  readonly requestBody?: { content: Record<string, unknown> };
  readonly responses: Record<string, { description: string; content: Record<string, unknown> }>;
}

let server: TestServer;
let served: Description;

beforeAll(async () => {
  server = await startTestServer();
  served = (await (await server.send("/openapi.json", { headers: { authorization: "" } })).json()) as Description;
});
afterAll(() => server.destroy());

const routes = Object.entries(ROUTES) as [string, Route][];

test.each(routes)("%s is described with its parameters, its body and each of its errors", (name, route) => {
  const path = route.path.replace(/:(\w+)/g, "{$1}");
  const operation = served.paths[path][route.method.toLowerCase()];
  expect(operation.operationId).toBe(name);
  const named = [...Object.keys(route.params?.shape ?? {}), ...Object.keys(route.query?.shape ?? {})];
  expect((operation.parameters ?? []).map((parameter) => parameter.name)).toEqual(named);
  expect(operation.requestBody === undefined).toBe(route.body === undefined && !route.upload);
  expect(operation.responses[String(route.status ?? 200)]).toBeDefined();
  for (const code of [...(route.role === null ? [] : COMMON_ERRORS), ...route.errors]) {
    expect(operation.responses[String(ERRORS[code].status)].description).toContain(code);
  }
});

test("every reference leads to a component, and named resources are components", () => {
  const references = [...JSON.stringify(served).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name,
  );
  const names = Object.keys(served.components.schemas);
  expect(references.filter((name) => !names.includes(name))).toEqual([]);
  expect(JSON.stringify(served)).not.toContain("#/$defs/");
  expect(names).toEqual(expect.arrayContaining(["Run", "Comparison", "Model", "Endpoint", "Error", "DatasetVersion"]));
});

test("parameters in the path are required, those with a default are not", () => {
  const { parameters } = served.paths["/v1/runs/{id}/events"].get;
  expect(parameters).toMatchObject([
    { name: "id", in: "path", required: true },
    { name: "after", in: "query", required: false },
  ]);
});

test("what is served is what the route table gives", () => {
  const { info: _, ...rest } = openApi("0");
  expect(served).toMatchObject(JSON.parse(JSON.stringify(rest)));
});

test("the page and everything it loads come from the server itself", async () => {
  const page = await server.send("/docs/", { headers: { authorization: "" } });
  expect(page.status).toBe(200);
  const text = await page.text();
  const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
  expect(loaded.length).toBeGreaterThan(3);
  for (const address of loaded) {
    expect(address).not.toMatch(/^(https?:)?\/\//);
    const response = await fetch(new URL(address, `${server.url}/docs/`));
    expect(response.status).toBe(200);
    await response.body?.cancel();
  }
});
