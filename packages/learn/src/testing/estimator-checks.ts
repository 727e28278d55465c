// The contract of every estimator of the catalogue, as checks that any test runner can run.
import { NotFittedError, ParamError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { fitPipeline } from "../compose/pipeline.ts";
import { loadModel, saveModel } from "../model/model-file.ts";
import { ModelFileError } from "../model/model-file-error.ts";
import { type Check, contextOf, ensure, hashState, requireError, sameNumbers } from "./check.ts";
import { estimatorDataChecks } from "./estimator-data-checks.ts";
import { Subject } from "./fitting.ts";
import { paramChecks } from "./param-checks.ts";
import { predictChecks } from "./predict-checks.ts";
import { flatten } from "./sample.ts";
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

function typedArrays(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array, String) : value;
}
