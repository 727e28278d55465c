import { expect, test } from "vitest";
import { ApiError, ERRORS, isErrorCode, ROUTES } from "../src/index.ts";

test("every error has an HTTP error status, a description and a cure", () => {
  for (const [code, entry] of Object.entries(ERRORS)) {
    expect(entry.status, code).toBeGreaterThanOrEqual(400);
    expect(entry.doc.endsWith("."), code).toBe(true);
    expect(entry.cure.length, code).toBeGreaterThan(10);
  }
});

test("every error a route declares is in the table", () => {
  for (const route of Object.values(ROUTES)) for (const code of route.errors) expect(isErrorCode(code)).toBe(true);
});

test("names from Object's prototype are no error codes", () => {
  expect(isErrorCode("toString")).toBe(false);
  expect(isErrorCode("__proto__")).toBe(false);
});

test("an ApiError reads its status, exit code and cure from the table", () => {
  const error = new ApiError("NOT_FOUND", "there is no data set `x`");
  expect([error.status, error.exit, error.cure]).toEqual([404, 2, ERRORS.NOT_FOUND.cure]);
});
