// The contract of every transformer of the catalogue, as checks that any test runner can run.
import type { Slot, Transformer } from "../base/component.ts";
import { NotFittedError, ParamError, ShapeError } from "../base/errors.ts";
import { schemaToJson, tableSchema } from "../base/schema.ts";
import type { Column, ColumnKind, Table, Target } from "../base/table.ts";
import { takeRows } from "../base/take-rows.ts";
import { constructComponent } from "../catalogue.ts";
import { type Check, contextOf, ensure, hashState, requireError, sameNumbers } from "./check.ts";
import { paramChecks } from "./param-checks.ts";
import { makeSample } from "./sample.ts";
import { stateChecks } from "./state-checks.ts";

/** All checks of the transformer `type`. */
export function transformerChecks(type: string): Check[] {
  const make = (params = {}) => constructComponent(type, params) as Transformer;
  const { accepts, values } = make().spec;
  const table = sampleTable(accepts, 60, values === "nonnegative");
  return [
    ...paramChecks(type, (params, { one }) => make(params).fit(table, targetOf(make(), table), contextOf(one))),
    ...fitChecks(make, table),
    ...rowChecks(make, table),
    ...stateChecks(make, ({ one }) => make().fit(table, targetOf(make(), table), contextOf(one))),
  ];
}

// Internal

type Make = () => Transformer;

function fitChecks(make: Make, table: Table): Check[] {
  return [
    {
      name: "gives itself back from fit and forgets earlier fits",
      run: async ({ one }) => {
        const transformer = make();
        const part = takeRows(
          table,
          Uint32Array.from({ length: 20 }, (_, i) => i),
        );
        const learned = await transformer.fit(part, targetOf(transformer, part), contextOf(one));
        ensure(learned === transformer, "fit gave another object");
        await transformer.fit(table, targetOf(transformer, table), contextOf(one));
        const fresh = await make().fit(table, targetOf(transformer, table), contextOf(one));
        const hashes = [await hashState(transformer.getState()), await hashState(fresh.getState())];
        ensure(hashes[0] === hashes[1], "the states differ");
      },
    },
    {
      name: "learns the same bits again and with any number of threads",
      run: async ({ one, two }) => {
        const learn = async (runtime: typeof one) => {
          const transformer = await make().fit(table, targetOf(make(), table), contextOf(runtime, { seed: 3 }));
          return hashState(transformer.getState());
        };
        const [first, second, threaded] = [await learn(one), await learn(one), await learn(two)];
        ensure(first === second, "a second run with the same seed learns other bits");
        ensure(first === threaded, "two threads learn other bits than one");
      },
    },
    {
      name: "throws NotFittedError for everything that needs a fit before one",
      run: async () => {
        await requireError([NotFittedError], () => make().transform(table), "transform");
        await requireError([NotFittedError], () => make().outputs(), "outputs");
        await requireError([NotFittedError], () => make().getState(), "getState");
      },
    },
    {
      name: "learns without a target unless it says that it needs one",
      run: async ({ one }) => {
        const fit = () => make().fit(table, undefined, contextOf(one));
        if (make().spec.needsTarget === true) await requireError([ParamError], fit, "no target");
        else await fit();
      },
    },
    {
      name: "gives the columns that it announces, of all rows",
      run: async ({ one }) => {
        const transformer = await make().fit(table, targetOf(make(), table), contextOf(one));
        const output = transformer.transform(table);
        const [announced, given] = [transformer.outputs(), tableSchema(output)].map((s) =>
          JSON.stringify(schemaToJson(s)),
        );
        ensure(announced === given, `announces ${announced}, gives ${given}`);
        ensure(output.rows === table.rows, `gives ${output.rows} rows for ${table.rows}`);
      },
    },
    {
      name: "makes each output of the column that it names as its source, and of no other",
      run: async ({ one }) => {
        const transformer = await make().fit(table, targetOf(make(), table), contextOf(one));
        const sources = transformer.sources?.();
        if (sources === undefined) return;
        const { columns } = transformer.transform(table);
        ensure(sources.length === columns.length, `names ${sources.length} sources of ${columns.length} columns`);
        for (const own of table.columns) {
          const others = table.columns.map((column) => (column === own ? column : blank(column)));
          const alone = transformer.transform({ rows: table.rows, columns: others });
          columns.forEach((column, k) => {
            if (sources[k] !== own.name) return;
            for (let row = 0; row < table.rows; row++) {
              const same = Object.is(plainValue(column, row), plainValue(alone.columns[k], row));
              ensure(same, `"${column.name}" is not made of "${own.name}" alone`);
            }
          });
        }
        const known = new Set(table.columns.map(({ name }) => name));
        ensure(
          sources.every((name) => known.has(name)),
          `names sources that it was not given: ${sources}`,
        );
      },
    },
    {
      name: "throws ShapeError when a column is absent or of a kind it does not take",
      run: async ({ one }) => {
        const transformer = await make().fit(table, targetOf(make(), table), contextOf(one));
        const columns = table.columns.slice(1);
        await requireError([ShapeError], () => transformer.transform({ rows: table.rows, columns }), "a column less");
        const other = oneOf(allKinds.filter((kind) => !transformer.spec.accepts.includes(kind))[0], table.rows, "q");
        const fit = () =>
          make().fit({ rows: table.rows, columns: [other] }, targetOf(transformer, table), contextOf(one));
        await requireError([ShapeError], fit, `a ${other.kind} column`);
      },
    },
    {
      name: "learns from a single row, from equal rows, from no column and from a column that is missing throughout",
      run: async ({ one }) => {
        const missing = { rows: table.rows, columns: table.columns.map(blank) };
        const single = takeRows(table, Uint32Array.of(0));
        const equal = takeRows(table, new Uint32Array(12));
        for (const sample of [single, equal, { rows: 3, columns: [] }, missing]) {
          const output = (await make().fit(sample, targetOf(make(), sample), contextOf(one))).transform(sample);
          ensure(output.rows === sample.rows, "rows are lost");
        }
      },
    },
  ];
}

function rowChecks(make: Make, table: Table): Check[] {
  return [
    {
      name: "transforms a row as it transforms a table, bit by bit",
      run: async ({ one }) => {
        const half = takeRows(
          table,
          Uint32Array.from({ length: 30 }, (_, i) => i),
        );
        const transformer = await make().fit(half, targetOf(make(), half), contextOf(one));
        // A text has its slot among the row's texts, as all columns here are of kinds that one transformer takes.
        const inputs = table.columns.map(
          (column, slot): Slot => ({ ...tableSchema({ rows: 0, columns: [column] })[0], slot }),
        );
        const outputs = transformer.outputs().map((schema, i): Slot => ({ ...schema, slot: inputs.length + i }));
        const run = transformer.compileRow(inputs, outputs);
        const wanted = transformer.transform(table);
        const frame = new Float64Array(inputs.length + outputs.length);
        for (let row = 0; row < table.rows; row++) {
          table.columns.forEach((column, i) => {
            if (column.kind !== "text") frame[i] = frameValue(column, row);
          });
          run(
            frame,
            table.columns.map((column) => (column.kind === "text" ? column.values[row] : null)),
          );
          const expected = wanted.columns.map((column) => frameValue(column, row));
          ensure(sameNumbers(frame.subarray(inputs.length), expected), `row ${row} differs`);
        }
      },
    },
    {
      name: "transforms each row alike whatever stands beside it, and leaves its input as it was",
      run: async ({ one }) => {
        const order = Uint32Array.from({ length: table.rows }, (_, i) => table.rows - 1 - i);
        const before = takeRows(table, order);
        const transformer = await make().fit(table, targetOf(make(), table), contextOf(one));
        const straight = takeRows(transformer.transform(table), order);
        const turned = transformer.transform(before);
        straight.columns.forEach((column, i) => {
          for (let row = 0; row < table.rows; row++) {
            const same = Object.is(frameValue(column, row), frameValue(turned.columns[i], row));
            ensure(same, `"${column.name}" depends on the order of rows`);
          }
        });
        const after = takeRows(table, order);
        const same = after.columns.every((column, i) =>
          Array.from(order).every((_, row) => Object.is(plainValue(column, row), plainValue(before.columns[i], row))),
        );
        ensure(same, "transform changed the table");
      },
    },
  ];
}

const allKinds: readonly ColumnKind[] = ["number", "category", "date", "text"];

/** Classes for the transformers that learn from a target. */
function targetOf(transformer: Transformer, { rows }: Table): Target | undefined {
  if (transformer.spec.needsTarget !== true) return undefined;
  const codes = Int32Array.from({ length: rows }, (_, row) => row % 3);
  return { kind: "class", name: "target", codes, classes: ["x", "y", "z"] };
}

/** Two columns of each accepted kind, with missing values; `raised`: without a negative number. */
function sampleTable(kinds: readonly ColumnKind[], rows: number, raised: boolean): Table {
  const names = ["first", "second"];
  const columns = kinds.flatMap((kind) => names.map((name, i) => oneOf(kind, rows, `${name} ${kind}`, i + 1)));
  const raise = (column: Column): Column =>
    column.kind === "number" ? { ...column, values: column.values.map((value) => Math.abs(value)) } : column;
  return { rows, columns: raised ? columns.map(raise) : columns };
}

function oneOf(kind: ColumnKind, rows: number, name: string, seed = 1): Column {
  const { columns } = makeSample({ rows, seed, task: "regression", input: "table" }).table;
  const [, gaps, , category] = columns;
  if (kind === "category") return { ...category, name } as Column;
  const values = (gaps as Extract<Column, { kind: "number" }>).values;
  if (kind === "text") return { kind, name, values: Array.from(values, (value) => (value > 0 ? `${value}` : null)) };
  return { kind, name, values: kind === "date" ? values.map((value) => Math.round(value * 1e12)) : values };
}

function blank(column: Column): Column {
  if (column.kind === "category") return { ...column, codes: column.codes.map(() => -1) };
  if (column.kind === "text") return { ...column, values: column.values.map(() => null) };
  return { ...column, values: column.values.map(() => Number.NaN) };
}

function plainValue(column: Column, row: number): number | string | null {
  return column.kind === "text" ? column.values[row] : frameValue(column, row);
}

function frameValue(column: Column, row: number): number {
  if (column.kind === "text") throw new Error("a text has no place in a frame");
  if (column.kind !== "category") return column.values[row];
  return column.codes[row] < 0 ? Number.NaN : column.codes[row];
}
