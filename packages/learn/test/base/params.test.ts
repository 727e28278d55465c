import { describe, expect, it } from "vitest";
import { ParamError } from "../../src/base/errors.ts";
import { type ParamsOf, type ParamTable, validateParams, withDefaults } from "../../src/base/params.ts";

const table = {
  alpha: { type: "float", default: 1, min: 0, exclusiveMin: true, doc: "Weight." },
  depth: { type: "int", default: null, min: 1, max: 9, nullable: true, doc: "Levels." },
  shuffle: { type: "boolean", default: true, doc: "Order." },
  loss: { type: "choice", choices: ["squared", "absolute"], default: "squared", doc: "Loss." },
  text: { type: "string", default: "x", doc: "Text." },
  names: { type: "strings", default: null, nullable: true, doc: "Names." },
} as const satisfies ParamTable;

describe("a parameter table", () => {
  it("types its values", () => {
    const values: ParamsOf<typeof table> = withDefaults(table, { alpha: 2 });
    const alpha: number = values.alpha;
    const depth: number | null = values.depth;
    const loss: "squared" | "absolute" = values.loss;
    const names: readonly string[] | null = values.names;
    expect([alpha, depth, loss, names]).toEqual([2, null, "squared", null]);
    // @ts-expect-error a number that is not nullable is no null
    withDefaults(table, { alpha: null });
  });

  it("takes the default for a parameter given as undefined", () => {
    expect(withDefaults(table, { alpha: undefined }).alpha).toBe(1);
  });

  it.each([
    ["alpha", 0, "`alpha` of Model must be a number > 0, got 0"],
    ["alpha", Number.NaN, "`alpha` of Model must be a number > 0, got NaN"],
    ["alpha", "1", '`alpha` of Model must be a number > 0, got "1"'],
    ["depth", 1.5, "`depth` of Model must be a whole number >= 1 and <= 9 or null, got 1.5"],
    ["depth", 10, "`depth` of Model must be a whole number >= 1 and <= 9 or null, got 10"],
    ["shuffle", 1, "`shuffle` of Model must be true or false, got 1"],
    ["loss", "huber", '`loss` of Model must be one of squared, absolute, got "huber"'],
    ["text", null, "`text` of Model must be a text, got null"],
    ["names", [1], "`names` of Model must be a list of strings or null, got [1]"],
    ["toString", 1, "Model has no parameter `toString`; it has: alpha, depth, shuffle, loss, text, names"],
  ])("refuses %s = %j naming the field, what it may be and what it got", (field, value, message) => {
    const values = { ...withDefaults(table, {}), [field]: value };
    const error = catchError(() => validateParams("Model", table, values));
    expect(error).toBeInstanceOf(ParamError);
    expect(error).toMatchObject({ field, message });
  });

  it("says what it can of a value that is too deep to show", () => {
    const deep = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
    const error = catchError(() => validateParams("Model", table, { ...withDefaults(table, {}), names: [deep] }));
    expect(error?.message).toContain("got a list too deep to show");
  });

  it("shortens a long value in the message", () => {
    const error = catchError(() =>
      validateParams("Model", table, { ...withDefaults(table, {}), loss: "z".repeat(1e5) }),
    );
    expect(error?.message.length).toBeLessThan(200);
  });
});

function catchError(body: () => void): Error | undefined {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}
