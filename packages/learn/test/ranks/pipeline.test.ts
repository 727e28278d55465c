import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { fitPipeline, type PipelineSpec, recommendSteps, tableSchema } from "../../src/index.ts";
import { classData } from "../mixed-data.ts";
import { onRanks } from "./local-ranks.ts";
import { bitsOf, shareOf } from "./shares.ts";

const runtime = createRuntime({ threads: 2 });
afterAll(() => runtime.close());

const { whole: penguins } = classData("penguins", "species");
const notes = Array.from({ length: penguins.table.rows }, (_, i) => (i % 5 === 0 ? null : `bird ${i} – é`));
const table = {
  ...penguins.table,
  columns: [...penguins.table.columns, { kind: "text" as const, name: "note", values: notes }],
};
const context = { runtime, seed: 5, report: async () => {} };

function specOf(type: string): PipelineSpec {
  const schema = tableSchema(penguins.table);
  return { features: schema.map(({ name }) => name), steps: recommendSteps(schema, type), estimator: { type } };
}

describe("a pipeline on ranks", () => {
  it("learns its steps from all rows, with the bits of one process", async () => {
    const spec = specOf("LogisticRegression");
    expect(spec.steps.length).toBeGreaterThan(1);
    const alone = (await fitPipeline(spec, { table, target: penguins.target }, context)).getState();
    const states = await onRanks(3, async (communicator) => {
      const share = shareOf({ table, target: penguins.target }, communicator);
      return (await fitPipeline(spec, share, { ...context, communicator })).getState();
    });
    for (const state of states) {
      expect(state.steps.map((step) => bitsOf(step.state))).toEqual(alone.steps.map((step) => bitsOf(step.state)));
    }
  });

  it("refuses an estimator that one process must fit", async () => {
    const fits = onRanks(2, async (communicator) => {
      const share = shareOf({ table, target: penguins.target }, communicator);
      return await fitPipeline(specOf("KNeighborsClassifier"), share, { ...context, communicator });
    });
    await expect(fits).rejects.toThrow("KNeighborsClassifier cannot be trained on ranks");
  });
});
