// Checks that need nothing of a component but its parameter table.
import { ParamError } from "../base/errors.ts";
import type { NumberParam, Param } from "../base/params.ts";
import { constructComponent, createComponent } from "../catalogue.ts";
import { type Check, type CheckRuntimes, ensure, requireError } from "./check.ts";

/** Fits a component that has these parameters. */
export type FitWith = (params: Readonly<Record<string, unknown>>, runtimes: CheckRuntimes) => Promise<unknown>;

/** Checks of the parameters of a component that `fit` fits. */
export function paramChecks(type: string, fit: FitWith): Check[] {
  const table = constructComponent(type).spec.params;
  return [
    {
      name: "keeps the parameters it is given, through JSON and back",
      run: async () => {
        for (const [name, param] of Object.entries(table)) {
          const given = { [name]: otherValue(param) };
          const { params } = constructComponent(type, given);
          const again = constructComponent(type, JSON.parse(JSON.stringify(params))).params;
          const [kept, round] = [params, again].map((values) => JSON.stringify((values as typeof given)[name]));
          ensure(kept === JSON.stringify(given[name]) && round === kept, `\`${name}\` became ${kept}, then ${round}`);
        }
      },
    },
    {
      name: "has defaults and ranges to search that its own table allows",
      run: async () => {
        createComponent(type);
        for (const [name, param] of Object.entries(table)) {
          if ((param.type !== "float" && param.type !== "int") || param.search === undefined) continue;
          const { min, max, log } = param.search;
          ensure(min < max && (!log || min > 0), `the range to search of \`${name}\` is empty`);
          createComponent(type, { [name]: min });
          createComponent(type, { [name]: max });
        }
      },
    },
    {
      name: "stores parameters unchecked and refuses an unknown one at fit",
      run: async (runtimes) => {
        const error = await requireError([ParamError], () => fit({ nonsense: 1 }, runtimes), "unknown parameter");
        ensure((error as ParamError).field === "nonsense", `the error names ${(error as ParamError).field}`);
      },
    },
    ...Object.entries(table).map(
      ([name, param]): Check => ({
        name: `refuses impossible values of \`${name}\` at fit, by name`,
        run: async (runtimes) => {
          for (const value of invalidValues(param)) {
            const situation = `${name} = ${String(value)}`;
            constructComponent(type, { [name]: value });
            const error = await requireError([ParamError], () => fit({ [name]: value }, runtimes), situation);
            ensure(
              (error as ParamError).field === name,
              `${situation}: the error names ${(error as ParamError).field}`,
            );
            ensure(error.message.includes(name) && error.message.includes(type), `${situation}: "${error.message}"`);
          }
        },
      }),
    ),
  ];
}

// Internal

/** Values that the declaration excludes. */
function invalidValues(param: Param): unknown[] {
  switch (param.type) {
    case "boolean":
      return [1, "true", null];
    case "choice":
      return ["no such choice", 0, null];
    case "string":
      return [0, null, []];
    case "strings":
      return [[1], ...(param.single ? [] : ["text"]), ...(param.nullable ? [] : [null])];
    default:
      return invalidNumbers(param);
  }
}

function invalidNumbers(param: NumberParam): unknown[] {
  const values: unknown[] = ["1", true, Number.NaN, Number.POSITIVE_INFINITY];
  if (!param.nullable) values.push(null);
  if (param.type === "int") values.push((param.min ?? 0) + 0.5);
  if (param.min !== undefined) values.push(param.exclusiveMin ? param.min : param.min - 1);
  if (param.max !== undefined) values.push(param.exclusiveMax ? param.max : param.max + 1);
  return values;
}

/** An allowed value that is not the default, where there is one. */
function otherValue(param: Param): unknown {
  switch (param.type) {
    case "boolean":
      return !param.default;
    case "choice":
      return param.choices.find((choice) => choice !== param.default) ?? param.default;
    case "string":
      return `${param.default} too`;
    case "strings":
      return ["some", "names"];
    default: {
      const { min = -1, max = min + 2, type } = param;
      const middle = type === "int" ? Math.floor((min + max) / 2) : (min + max) / 2;
      return middle === param.default || (param.exclusiveMin && middle === min) ? max : middle;
    }
  }
}
