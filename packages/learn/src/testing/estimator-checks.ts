// The contract of every estimator of the catalogue, as checks that any test runner can run.
import { NotFittedError, ParamError, ShapeError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { fitPipeline } from "../compose/pipeline.ts";
import { loadModel, saveModel } from "../model/model-file.ts";
import { ModelFileError } from "../model/model-file-error.ts";
import { compilePredictor } from "../model/predictor.ts";
import type { Row, RowValue } from "../model/row.ts";
import { takeRows } from "../validate/rows.ts";
import { type Check, contextOf, ensure, hashState, requireError, sameNumbers } from "./check.ts";
import { estimatorDataChecks } from "./estimator-data-checks.ts";
import { Subject } from "./fitting.ts";
import { paramChecks } from "./param-checks.ts";
import { flatten, number, withColumn } from "./sample.ts";
import { stateChecks } from "./state-checks.ts";

/** All checks of the estimator `type`. */
export function estimatorChecks(type: string): Check[] {
  const subject = new Subject(type);
  const { table, target } = subject.sample();
  return [
    ...paramChecks(type, (params, { one }) => subject.make(params).fit(table, target, contextOf(one))),
    ...fitChecks(subject),
    ...reproducibilityChecks(subject),
    ...predictChecks(subject),
    ...estimatorDataChecks(subject),
    ...stateChecks(
      () => subject.make(),
      (runtimes) => subject.fit(subject.sample(), runtimes),
    ),
  ];
}

// Internal

function fitChecks(subject: Subject): Check[] {
  return [
    {
      name: "gives itself back from fit",
      run: async ({ one }) => {
        const { table, target } = subject.sample();
        const estimator = subject.make();
        ensure((await estimator.fit(table, target, contextOf(one))) === estimator, "fit gave another object");
      },
    },
    {
      name: "throws NotFittedError for everything that needs a fit before one",
      run: async () => {
        const { table } = subject.sample();
        const estimator = subject.make();
        const slots = table.columns.map(({ name }, slot) => ({ name, kind: "number", slot }) as const);
        await requireError([NotFittedError], () => estimator.predict(table), "predict");
        await requireError([NotFittedError], () => estimator.getState(), "getState");
        await requireError([NotFittedError], () => estimator.compileRow(slots), "compileRow");
      },
    },
    {
      name: "forgets earlier fits",
      run: async (runtimes) => {
        const second = subject.sample({ seed: 9, rows: 40 });
        const fresh = await subject.fit(second, runtimes);
        const again = await subject.fit(subject.sample(), runtimes);
        await again.fit(second.table, second.target, contextOf(runtimes.one));
        ensure((await hashState(again.getState())) === (await hashState(fresh.getState())), "the states differ");
      },
    },
    {
      name: "leaves its input as it was",
      run: async (runtimes) => {
        const sample = subject.sample();
        await subject.fitAndPredict(sample, runtimes);
        const same = JSON.stringify(sample, typedArrays) === JSON.stringify(subject.sample(), typedArrays);
        ensure(same, "fit or predict changed the table or the target");
      },
    },
    {
      name: "reports growing steps and stops with the error of a report that rejects",
      run: async ({ one }) => {
        const { table, target } = subject.sample();
        let last = 0;
        const report = ({ step, total }: { step: number; total: number }) => {
          ensure(step > last && step <= total, `step ${step} of ${total} after step ${last}`);
          last = step;
        };
        await subject.make().fit(table, target, contextOf(one, { report }));
        if (last === 0) return;
        class Stop extends Error {}
        const stop = () => {
          throw new Stop("stopped");
        };
        const before = one.allocatedBytes;
        const fit = () => subject.make().fit(table, target, contextOf(one, { report: stop }));
        await requireError([Stop], fit, "a report that rejects");
        ensure(one.allocatedBytes === before, `a stopped fit keeps ${one.allocatedBytes - before} bytes`);
      },
    },
    {
      name: "gives kernel memory back after fit, predict and a refused fit",
      run: async ({ one }) => {
        const { table, target } = subject.sample();
        const before = one.allocatedBytes;
        const estimator = await subject.make().fit(table, target, contextOf(one));
        estimator.predict(table);
        ensure(one.allocatedBytes === before, `fit and predict keep ${one.allocatedBytes - before} bytes`);
        await requireError(
          [ParamError],
          () => subject.make({ x: 0 }).fit(table, target, contextOf(one)),
          "refused fit",
        );
        ensure(one.allocatedBytes === before, `a refused fit keeps ${one.allocatedBytes - before} bytes`);
      },
    },
  ];
}

function reproducibilityChecks(subject: Subject): Check[] {
  return [
    {
      name: "learns the same bits again and with any number of threads",
      run: async ({ one, two }) => {
        const { table, target } = subject.sample({ rows: 500 });
        const learn = async (runtime: typeof one) => {
          const estimator = await subject.make().fit(table, target, contextOf(runtime, { seed: 3 }));
          return { state: await hashState(estimator.getState()), answers: flatten(estimator.predict(table)) };
        };
        const [first, second, threaded] = [await learn(one), await learn(one), await learn(two)];
        ensure(first.state === second.state, "a second run with the same seed learns other bits");
        ensure(first.state === threaded.state, "two threads learn other bits than one");
        ensure(sameNumbers(first.answers, second.answers), "a second run predicts other bits");
        ensure(sameNumbers(first.answers, threaded.answers), "two threads predict other bits than one");
      },
    },
    {
      name: "refuses a model file with damaged tensors, or predicts something with it",
      run: async ({ one }) => {
        const sample = subject.sample({ rows: 30 });
        const pipeline = await fitPipeline({ steps: [], estimator: { type: subject.type } }, sample, contextOf(one));
        const { bytes } = await saveModel(pipeline, { dataHash: "", seed: 1, metrics: {} });
        const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
        const random = new Random(13);
        for (let i = 0; i < 100 && start < bytes.length; i++) {
          const damaged = bytes.slice();
          for (let k = 0; k < 3; k++) damaged[start + random.below(bytes.length - start)] = random.below(256);
          try {
            (await loadModel(damaged)).pipeline.predict(sample.table);
          } catch (error) {
            const named = error instanceof ModelFileError;
            if (!named) throw new Error(`damage ${i} ends in ${String(error)}`, { cause: error });
          }
        }
      },
    },
    {
      name: "predicts the same after its model file is saved and loaded",
      run: async ({ one }) => {
        const sample = subject.sample();
        const spec = { steps: [], estimator: { type: subject.type } };
        const pipeline = await fitPipeline(spec, sample, contextOf(one));
        const provenance = { dataHash: "0".repeat(64), seed: 1, metrics: {} };
        const saved = await saveModel(pipeline, provenance);
        const again = await loadModel(saved.bytes, saved);
        const [before, after] = [pipeline, again.pipeline].map((each) => flatten(each.predict(sample.table)));
        ensure(sameNumbers(before, after), "the loaded model predicts otherwise");
        const resaved = await saveModel(again.pipeline, provenance);
        ensure(resaved.sha256 === saved.sha256, "saving the loaded model gives other bytes");
      },
    },
  ];
}

function predictChecks(subject: Subject): Check[] {
  return [
    {
      name: "predicts a row as it predicts a table, bit by bit",
      run: async ({ one }) => {
        const sample = subject.sample();
        const pipeline = await fitPipeline({ steps: [], estimator: { type: subject.type } }, sample, contextOf(one));
        const { table } = subject.sample({ seed: 77, rows: 25 });
        const predictor = compilePredictor(pipeline);
        const batch = pipeline.predict(table);
        const wanted = batch.kind === "number" ? batch.values : batch.probabilities;
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
    {
      name: "throws ShapeError when a column lacks or is of another kind",
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
      name: "throws ShapeError or ParamError for a target of other rows or another kind",
      run: async ({ one }) => {
        const { table, target } = subject.sample();
        const short = subject.sample({ rows: 10 }).target;
        const task = subject.spec.task === "regression" ? "classification" : "regression";
        const wrong = subject.sample({ task }).target;
        const fit = (other: typeof target) => () => subject.make().fit(table, other, contextOf(one));
        await requireError([ShapeError, ParamError], fit(short), "a shorter target");
        await requireError([ShapeError, ParamError], fit(wrong), "a target of another kind");
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
  const { classes, codes, probabilities } = prediction;
  return [codes[row], ...probabilities.subarray(row * classes.length, (row + 1) * classes.length)];
}

function rowOf(table: ReturnType<Subject["sample"]>["table"], row: number): Row {
  return Object.fromEntries(
    table.columns.map((column): [string, RowValue] => {
      if (column.kind !== "category") return [column.name, column.values[row]];
      return [column.name, column.codes[row] < 0 ? null : column.categories[column.codes[row]]];
    }),
  );
}

function typedArrays(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array, String) : value;
}
