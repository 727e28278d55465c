// What the parameter `classWeight` must mean to every classifier that has it.
import { ParamError } from "../base/errors.ts";
import { takeRows, takeTarget } from "../base/take-rows.ts";
import { type Check, type CheckRuntimes, contextOf, ensure, hashState, requireError } from "./check.ts";
import type { Subject } from "./fitting.ts";
import { figures, type Sample } from "./sample.ts";

/** Checks of one classifier's class weights; none for others. */
export function classWeightChecks(subject: Subject): Check[] {
  if (!Object.hasOwn(subject.spec.params, "classWeight")) return [];
  const fit = ({ table, target }: Sample, classWeight: readonly string[] | null, { one }: CheckRuntimes) =>
    subject.make({ classWeight }).fit(table, target, contextOf(one));
  const state = async (sample: Sample, classWeight: readonly string[] | null, runtimes: CheckRuntimes) =>
    hashState((await fit(sample, classWeight, runtimes)).getState());
  return [
    {
      name: "learns with class weights of 1 what it learns without",
      run: async (runtimes) => {
        const sample = uneven(subject);
        const named = ["class 0=1", "class 2 = 1"];
        ensure((await state(sample, null, runtimes)) === (await state(sample, named, runtimes)), "the states differ");
      },
    },
    {
      name: "balances classes by the inverse of their shares",
      run: async (runtimes) => {
        const sample = uneven(subject);
        const counts = countsOf(sample);
        const total = sample.table.rows;
        const named = counts.map((count, k) => `class ${k}=${total / (counts.length * count)}`);
        const [balanced, given] = [await state(sample, ["balanced"], runtimes), await state(sample, named, runtimes)];
        ensure(balanced === given, "the states differ");
      },
    },
    {
      name: "speaks the more for a class the more its rows count",
      run: async (runtimes) => {
        const sample = uneven(subject);
        const spoken = async (weight: number) => {
          const all = figures((await fit(sample, [`class 2=${weight}`], runtimes)).predict(sample.table));
          return all.filter((_, i) => i % 3 === 2).reduce((sum, share) => sum + share, 0) / sample.table.rows;
        };
        const [less, more] = [await spoken(0.05), await spoken(20)];
        ensure(more >= less, `its mean probability falls from ${less} to ${more}`);
      },
    },
    {
      name: "refuses class weights that are no numbers above 0 or of no class",
      run: async (runtimes) => {
        const sample = uneven(subject);
        for (const text of [
          "class 0=0",
          "class 0=-1",
          "class 0=",
          "class 0=x",
          "other=1",
          "balance",
          "class 0=Infinity",
        ]) {
          const error = await requireError([ParamError], () => fit(sample, [text], runtimes), `classWeight ${text}`);
          ensure(error.message.includes("classWeight"), `the error does not name classWeight: ${error.message}`);
        }
      },
    },
  ];
}

// Internal

/** A sample of three classes, of which the last is rare. */
function uneven(subject: Subject): Sample {
  const { table, target } = subject.sample();
  if (target?.kind !== "class") throw new Error(`${subject.type} has class weights but learns no classes`);
  const rows = Uint32Array.from(target.codes.keys()).filter((row) => target.codes[row] < 2 || row % 3 === 0);
  return { table: takeRows(table, rows), target: takeTarget(target, rows) };
}

function countsOf({ target }: Sample): number[] {
  if (target?.kind !== "class") return [];
  return target.classes.map((_, k) => target.codes.reduce((count, code) => count + (code === k ? 1 : 0), 0));
}
