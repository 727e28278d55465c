import { describe, expect, it } from "vitest";
import { ParamError } from "../src/base/errors.ts";
import { createComponent, createEstimator, createTransformer, describeCatalogue } from "../src/catalogue.ts";

describe("the catalogue", () => {
  const entries = describeCatalogue();

  it("describes every component and parameter in one sentence, as JSON", () => {
    expect(JSON.parse(JSON.stringify(entries))).toEqual(entries);
    for (const { name, doc, source, params } of entries) {
      expect(doc, name).toMatch(/^[A-Z0-9].*\.$/s);
      expect(source, name).not.toBe("");
      for (const [param, { doc: sentence }] of Object.entries(params)) {
        expect(sentence, `${name}.${param}`).toMatch(/^[A-Z0-9].*\.$/s);
      }
    }
  });

  it("names every component once, as its class is named", () => {
    const names = entries.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(createComponent(name).constructor.name).toBe(name);
  });

  it("suggests the nearest name for an unknown one, of the right kind", () => {
    expect(() => createComponent("StandardScalar")).toThrow("did you mean StandardScaler?");
    expect(() => createEstimator("forest")).toThrow(/did you mean RandomForest/);
    expect(() => createTransformer("Ridge")).toThrow(ParamError);
    expect(() => createComponent("zzzzzzzzzzzzzzzzzzzzzzz")).not.toThrow("did you mean");
    expect(() => createComponent("x".repeat(1e6))).toThrow(ParamError);
  });
});
