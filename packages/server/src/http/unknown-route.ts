// The answer to an address that is none: the routes that look like it.
import { ApiError, ROUTES, type Route } from "@massif/api";

/** NOT_FOUND naming the nearest routes, or the methods this path does take. */
export function unknownRoute(method: string, url: string): ApiError {
  const path = url.split("?")[0].slice(0, 200);
  const routes: Route[] = Object.values(ROUTES);
  const same = routes.filter((route) => matches(route.path, path)).map((route) => route.method);
  if (same.length > 0) {
    return new ApiError("NOT_FOUND", `${path} takes ${same.join(", ")}, not ${method}`);
  }
  const near = routes
    .map((route) => ({ name: `${route.method} ${route.path}`, score: likeness(route.path, path) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ name }) => name);
  const hint = near.length > 0 ? `near it: ${near.join(", ")}` : "see /docs for all routes";
  return new ApiError("NOT_FOUND", `there is no route ${method} ${path}; ${hint}`);
}

// Internal

function matches(pattern: string, path: string): boolean {
  const [a, b] = [pattern.split("/"), path.split("/")];
  return a.length === b.length && a.every((part, i) => part.startsWith(":") || part === b[i]);
}

/** How many parts are the same, whatever the version prefix and plural. */
function likeness(pattern: string, path: string): number {
  const words = new Set(path.toLowerCase().split("/").filter(Boolean).map(stem));
  const parts = pattern.split("/").filter((part) => part !== "" && part !== "v1" && !part.startsWith(":"));
  return parts.filter((part) => words.has(stem(part))).length;
}

function stem(word: string): string {
  return word.replace(/s$/, "");
}
