// How a fitted estimator must predict: by row as by table, each row for itself, and only what it was fitted for.
import { TASKS } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { takeRows } from "../base/take-rows.ts";
import { fitPipeline } from "../compose/pipeline.ts";
import { compilePredictor } from "../model/predictor.ts";
import type { Row, RowValue } from "../model/row.ts";
import { type Check, contextOf, ensure, requireError, sameNumbers } from "./check.ts";
import type { Subject } from "./fitting.ts";
import { figures, flatten, number, withColumn } from "./sample.ts";

/** Checks of how the fitted `subject` predicts. */
export function predictChecks(subject: Subject): Check[] {
  return [
    {
      name: "predicts a row as it predicts a table, bit by bit",
      run: async ({ one }) => {
        const sample = subject.sample();
        const pipeline = await fitPipeline({ steps: [], estimator: { type: subject.type } }, sample, contextOf(one));
        const { table } = subject.sample({ seed: 77, rows: 25 });
        const predictor = compilePredictor(pipeline);
        const batch = pipeline.predict(table);
        const wanted = figures(batch);
        const out = new Float64Array(predictor.outputLength);
        for (let row = 0; row < table.rows; row++) {
          predictor.predictInto(rowOf(table, row), out);
          const part = wanted.subarray(row * out.length, (row + 1) * out.length);
          ensure(sameNumbers(out, part), `row ${row}: ${out} by row, ${part} by table`);
        }
      },
    },
    {
      name: "predicts each row alike whatever stands beside it",
      run: async (runtimes) => {
        const sample = subject.sample();
        const estimator = await subject.fit(sample, runtimes);
        const order = Uint32Array.from({ length: sample.table.rows }, (_, i) => sample.table.rows - 1 - i);
        const straight = estimator.predict(sample.table);
        const turned = estimator.predict(takeRows(sample.table, order));
        for (let i = 0; i < order.length; i++) {
          ensure(sameNumbers(answer(straight, order[i]), answer(turned, i)), `row ${order[i]} changed with its place`);
        }
        const alone = estimator.predict(takeRows(sample.table, Uint32Array.of(7)));
        ensure(sameNumbers(answer(straight, 7), answer(alone, 0)), "a row alone is predicted otherwise");
      },
    },
    {
      name: "predicts an empty table as nothing",
      run: async (runtimes) => {
        const sample = subject.sample();
        const estimator = await subject.fit(sample, runtimes);
        const none = estimator.predict(takeRows(sample.table, new Uint32Array()));
        ensure(flatten(none).length === 0, "there are predictions without rows");
      },
    },
    ...inputChecks(subject),
  ];
}

// Internal

function inputChecks(subject: Subject): Check[] {
  return [
    {
      name: "throws ShapeError when a column is absent or of another kind",
      run: async (runtimes) => {
        const sample = subject.sample();
        const { rows, columns } = sample.table;
        const estimator = await subject.fit(sample, runtimes);
        await requireError([ShapeError], () => estimator.predict({ rows, columns: columns.slice(1) }), "a column less");
        const category = { kind: "category", codes: new Int32Array(rows), categories: ["v"] } as const;
        const other = columns.map((column, i) => (i === 0 ? { ...category, name: column.name } : column));
        await requireError([ShapeError], () => estimator.predict({ rows, columns: other }), "a category for a number");
      },
    },
    {
      name: "throws ShapeError or ParamError for a target of other rows, of another kind or none",
      run: async ({ one }) => {
        const { table, target } = subject.sample();
        const short = subject.sample({ rows: 10 }).target;
        const fit = (other: typeof target) => () => subject.make().fit(table, other, contextOf(one));
        for (const task of TASKS) {
          const wrong = subject.sample({ task }).target;
          if (wrong?.kind === target?.kind) continue;
          await requireError([ShapeError, ParamError], fit(wrong), `the target of a ${task}`);
        }
        if (short !== undefined) await requireError([ShapeError, ParamError], fit(short), "a shorter target");
      },
    },
    {
      name: "answers equal rows equally",
      run: async (runtimes) => {
        const sample = subject.sample();
        const twice = Uint32Array.from({ length: 2 * sample.table.rows }, (_, i) => i >> 1);
        const prediction = (await subject.fit(sample, runtimes)).predict(takeRows(sample.table, twice));
        for (let i = 0; i < twice.length; i += 2) {
          ensure(sameNumbers(answer(prediction, i), answer(prediction, i + 1)), `rows ${i} and ${i + 1} differ`);
        }
      },
    },
    {
      name: "ignores the names of the columns that it is not fitted on",
      run: async (runtimes) => {
        const sample = subject.sample();
        const estimator = await subject.fit(sample, runtimes);
        const more = withColumn(sample, number("extra", new Float64Array(sample.table.rows)));
        const [plain, wider] = [sample, more].map(({ table }) => flatten(estimator.predict(table)));
        ensure(sameNumbers(plain, wider), "a further column changes the answers");
      },
    },
  ];
}

type Predicted = ReturnType<ReturnType<Subject["make"]>["predict"]>;

function answer(prediction: Predicted, row: number): ArrayLike<number> {
  if (prediction.kind === "number") return prediction.values.subarray(row, row + 1);
  const width = prediction.kind === "class" ? prediction.classes.length : prediction.clusters;
  return [prediction.codes[row], ...figures(prediction).subarray(row * width, (row + 1) * width)];
}

function rowOf(table: ReturnType<Subject["sample"]>["table"], row: number): Row {
  return Object.fromEntries(
    table.columns.map((column): [string, RowValue] => {
      if (column.kind !== "category") return [column.name, column.values[row]];
      return [column.name, column.codes[row] < 0 ? null : column.categories[column.codes[row]]];
    }),
  );
}
