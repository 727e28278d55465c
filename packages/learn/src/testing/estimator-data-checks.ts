// Data at the edge: what every estimator must survive or refuse clearly.

import { ParamError, ShapeError } from "../base/errors.ts";
import type { Target } from "../base/table.ts";
import { takeRows, takeTarget } from "../base/take-rows.ts";
import { type Check, ensure, requireError } from "./check.ts";
import { classWeightChecks } from "./class-weight-checks.ts";
import type { Subject } from "./fitting.ts";
import { number, withColumn } from "./sample.ts";
import { weightChecks } from "./weight-checks.ts";

/** Checks of one estimator on degenerate data. */
export function estimatorDataChecks(subject: Subject): Check[] {
  return [
    {
      name: "learns from a single row or refuses it clearly",
      run: async (runtimes) => {
        const { table, target } = subject.sample();
        const first = Uint32Array.of(0);
        const sample = { table: takeRows(table, first), target: takeTarget(target, first) };
        await orRefuse(() => subject.fitAndPredict(sample, runtimes));
      },
    },
    {
      name: "learns from a table with a constant column",
      run: async (runtimes) => {
        const sample = subject.sample();
        const constant = number("constant", new Float64Array(sample.table.rows).fill(4.2));
        await subject.fitAndPredict(withColumn(sample, constant), runtimes);
      },
    },
    {
      name: "learns from duplicated rows",
      run: async (runtimes) => {
        const { table, target } = subject.sample({ rows: 20 });
        const thrice = Uint32Array.from({ length: 60 }, (_, i) => i % 20);
        await subject.fitAndPredict({ table: takeRows(table, thrice), target: takeTarget(target, thrice) }, runtimes);
      },
    },
    {
      name: "learns a constant target exactly enough",
      run: async (runtimes) => {
        const { table, target } = subject.sample();
        if (target?.kind !== "number") return;
        const values = new Float64Array(table.rows).fill(3);
        const answers = await subject.fitAndPredict({ table, target: { ...target, values } }, runtimes);
        ensure(
          answers.every((value) => Math.abs(value - 3) < 0.3),
          `predicts ${answers[0]} for a constant target of 3`,
        );
      },
    },
    missingCheck(subject),
    ...weightChecks(subject),
    ...classWeightChecks(subject),
    ...(subject.spec.task === "classification" ? classChecks(subject) : []),
  ];
}

// Internal

/** Runs `body`, which may refuse its data by a named error. */
async function orRefuse(body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ParamError || error instanceof ShapeError)) throw error;
  }
}

function missingCheck(subject: Subject): Check {
  const gaps = () => {
    const sample = subject.sample();
    return withColumn(sample, number("gaps", new Float64Array(sample.table.rows).fill(Number.NaN)));
  };
  if (subject.spec.input === "table") {
    return {
      name: "learns from a table with a column that is missing throughout",
      run: async (runtimes) => {
        await subject.fitAndPredict(gaps(), runtimes);
      },
    };
  }
  return {
    name: "refuses missing values, infinity and categories, naming the column",
    run: async (runtimes) => {
      const refused = async (sample: ReturnType<typeof gaps>, situation: string) => {
        const error = await requireError([ShapeError, ParamError], () => subject.fit(sample, runtimes), situation);
        ensure(error.message.includes("gaps"), `${situation}: the error does not name the column: ${error.message}`);
      };
      await refused(gaps(), "a missing column");
      const { table, target } = gaps();
      const infinite = new Float64Array(table.rows);
      infinite[3] = Number.POSITIVE_INFINITY;
      await refused(withColumn({ table, target }, number("gaps", infinite)), "an infinite value");
      const codes = new Int32Array(table.rows);
      const category = { kind: "category", name: "gaps", codes, categories: ["only"] } as const;
      await refused(withColumn({ table, target }, category), "a category column");
    },
  };
}

function classChecks(subject: Subject): Check[] {
  const relabelled = (change: (target: Extract<Target, { kind: "class" }>) => Target) => {
    const { table, target } = subject.sample({ classes: 2 });
    if (target?.kind !== "class") throw new Error("a classification sample has classes");
    return { table, target: change(target) };
  };
  return [
    {
      name: "learns two classes",
      run: async (runtimes) => {
        await subject.fitAndPredict(
          relabelled((target) => target),
          runtimes,
        );
      },
    },
    {
      name: "learns from a target of one class only or refuses it clearly",
      run: async (runtimes) => {
        const one = relabelled((target) => ({ ...target, codes: target.codes.map(() => 0), classes: ["only"] }));
        await orRefuse(() => subject.fitAndPredict(one, runtimes));
      },
    },
    {
      name: "learns when a class has no row",
      run: async (runtimes) => {
        const absent = relabelled((target) => ({ ...target, classes: [...target.classes, "never seen"] }));
        await subject.fitAndPredict(absent, runtimes);
      },
    },
    {
      name: "learns when all rows are of one of several classes",
      run: async (runtimes) => {
        const single = relabelled((target) => ({ ...target, codes: target.codes.map(() => 1) }));
        const answers = await subject.fitAndPredict(single, runtimes);
        ensure(
          answers.subarray(0, single.table.rows).every((code) => code === 1),
          "predicts a class it has not seen",
        );
      },
    },
  ];
}
