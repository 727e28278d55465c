// Collaborative filtering: a short vector for each user and each item, such that their product is how the user likes
// the item. A regression over two columns, which can also name the best items of a user.
import type { EstimatorSpec, FitContext, FittedState, RowPredict, Slot } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { alignTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { listNames } from "../base/wording.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { explicitLoss, explicitScore, implicitLoss, implicitScore, solveExplicit, solveImplicit } from "./als.ts";
import { Ids } from "./ids.ts";
import { addedUp, byItem, byUser, type Sparse, transposed } from "./ratings.ts";
import { type Id, type Recommendations, Recommender, type RecommendOptions } from "./recommender.ts";
import { topItems } from "./top-items.ts";

const PARAMS = {
  user: { type: "string", default: "", doc: "The column that names users; empty: the first column." },
  item: {
    type: "string",
    default: "",
    doc: "The column that names items; empty: the first column that is not the user's.",
  },
  feedback: {
    type: "choice",
    choices: ["explicit", "implicit"],
    default: "explicit",
    doc: "What the target is: a rating, or (implicit) how often or how long something was used.",
  },
  factors: {
    type: "int",
    default: 16,
    min: 1,
    max: 1024,
    doc: "Components of a vector.",
    search: { min: 4, max: 64, log: true },
  },
  regularization: {
    type: "float",
    default: 0.1,
    min: 0,
    exclusiveMin: true,
    doc: "Penalty on the squares of the components; explicit feedback weights it by the number of ratings.",
    search: { min: 0.001, max: 1, log: true },
  },
  iterations: {
    type: "int",
    default: 15,
    min: 1,
    max: 10_000,
    doc: "Passes: users with items fixed, then items with users fixed.",
    search: { min: 5, max: 50 },
  },
  alpha: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Implicit feedback only: how much more sure a choice of strength 1 is than no choice.",
    search: { min: 0.1, max: 40, log: true },
  },
} as const satisfies ParamTable;

/** What was learned. */
interface Model {
  readonly schema: readonly ColumnSchema[];
  /** Where the users' and the items' columns are among the schema. */
  readonly places: { readonly user: number; readonly item: number };
  readonly userIds: Ids;
  readonly itemIds: Ids;
  readonly users: Float64Array;
  readonly items: Float64Array;
  readonly width: number;
  readonly mean: number;
  /** The items of each user in the training rows. */
  readonly seen: Pick<Sparse, "offsets" | "others">;
}

/** Matrix factorisation by alternating least squares. */
export class MatrixFactorization extends Recommender<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "MatrixFactorization",
    doc: "Learns how users like items from ratings or from use, and recommends items.",
    source:
      "Hu, Koren & Volinsky 2008 (implicit), Zhou et al. 2008 and Koren, Bell & Volinsky 2009 (explicit): alternating least squares",
    params: PARAMS,
    task: "regression",
    input: "table",
  };
  #model: Model | undefined;

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { name, values } = numberTarget(target, table.rows, this.spec.name);
    const implicit = this.#implicit;
    if (implicit) refuseNegative(values, name);
    const schema = tableSchema(table);
    const places = this.#findColumns(schema);
    const userIds = Ids.of(table.columns[places.user], this.spec.name);
    const itemIds = Ids.of(table.columns[places.item], this.spec.name);
    const entries = {
      users: userIds.places(table.columns[places.user]),
      items: itemIds.places(table.columns[places.item]),
      // What was not used is no choice, whatever row says so.
      values,
    };
    const ofUsers = implicit ? positive(addedUp(byUser(entries, userIds.count))) : byUser(entries, userIds.count);
    const ofItems = implicit ? transposed(ofUsers, itemIds.count) : byItem(entries, itemIds.count);
    const mean = implicit ? 0 : meanOf(ofUsers.values.length > 0 ? ofUsers.values : values);
    const width = this.#width;
    const { users, items } = await this.#learn({ ofUsers, ofItems, mean }, context);
    const seen = { offsets: ofUsers.offsets, others: ofUsers.others };
    this.#model = { schema, places, userIds, itemIds, users, items, width, mean, seen };
    return this;
  }

  predict(table: Table): Prediction {
    const { schema, places, userIds, itemIds } = this.#fitted;
    const { columns, rows } = alignTable(schema, table, this.spec.name);
    const users = userIds.places(columns[places.user]);
    const items = itemIds.places(columns[places.item]);
    const values = new Float64Array(rows);
    for (let row = 0; row < rows; row++) values[row] = this.#score(users[row], items[row]);
    return { kind: "number", values };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const { places, userIds, itemIds } = this.#fitted;
    const [user, item] = [inputs[places.user].slot, inputs[places.item].slot];
    return (frame, out) => {
      out[0] = this.#score(userIds.placeOf(frame[user]), itemIds.placeOf(frame[item]));
    };
  }

  get columns(): { readonly user: string; readonly item: string } {
    const { schema, places } = this.#fitted;
    return { user: schema[places.user].name, item: schema[places.item].name };
  }

  recommend(id: Id, k: number, { excludeSeen = true }: RecommendOptions = {}): Recommendations {
    const { userIds, itemIds, seen } = this.#fitted;
    const user = userIds.find(id);
    const known = user >= 0 && seen.offsets[user + 1] > seen.offsets[user];
    const without = known && excludeSeen ? seen.others.subarray(seen.offsets[user], seen.offsets[user + 1]) : [];
    const score = known ? (item: number) => this.#score(user, item) : this.#averageScore();
    const best = topItems(itemIds.count, { k, score, without, among: this.#rated() });
    return { known, items: best.map(({ place, score: value }) => ({ item: itemIds.at(place), score: value })) };
  }

  getState(): FittedState {
    const { schema, places, userIds, itemIds, users, items, mean, seen } = this.#fitted;
    return {
      tensors: {
        users: tensor(users),
        items: tensor(items),
        userNumbers: tensor(userIds.numbers),
        itemNumbers: tensor(itemIds.numbers),
        seenOffsets: tensor(seen.offsets),
        seenItems: tensor(seen.others),
        mean: tensor(Float64Array.of(mean)),
      },
      meta: { columns: schemaToJson(schema), userPlace: places.user, itemPlace: places.item },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const places = {
      user: placeIn(schema, state, "userPlace", owner),
      item: placeIn(schema, state, "itemPlace", owner),
    };
    const ids = (place: number, name: string) => {
      const numbers = readTensor(state, name, { owner, type: Float64Array });
      const isSorted = numbers.every((value, i) => i === 0 || value > numbers[i - 1]);
      if (!isSorted) throw new ShapeError(`"${name}" in the state of ${owner} must ascend`);
      return new Ids(schema[place], numbers);
    };
    const [userIds, itemIds] = [ids(places.user, "userNumbers"), ids(places.item, "itemNumbers")];
    const width = this.#width;
    const vectors = (name: string, count: number) =>
      readTensor(state, name, { owner, type: Float64Array, length: count * width });
    const [users, items] = [vectors("users", userIds.count), vectors("items", itemIds.count)];
    const [mean] = readTensor(state, "mean", { owner, type: Float64Array, length: 1 });
    const offsets = readTensor(state, "seenOffsets", { owner, type: Uint32Array, length: userIds.count + 1 });
    const others = readTensor(state, "seenItems", { owner, type: Uint32Array, length: offsets.at(-1) });
    const ascending = offsets.every((offset, i) => (i === 0 ? offset === 0 : offset >= offsets[i - 1]));
    if (!ascending || others.some((item) => item >= itemIds.count)) {
      throw new ShapeError(`the items that users have in the state of ${owner} do not fit its users and items`);
    }
    this.#rating = undefined;
    this.#model = { schema, places, userIds, itemIds, users, items, width, mean, seen: { offsets, others } };
  }

  // Internal

  /** Which items have a rating at all; made when first asked for. */
  #rating: Uint8Array | undefined;

  get #implicit(): boolean {
    return this.params.feedback === "implicit";
  }

  get #width(): number {
    return this.params.factors + (this.#implicit ? 0 : 1);
  }

  get #fitted(): Model {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }

  #findColumns(schema: readonly ColumnSchema[]): { user: number; item: number } {
    const names = schema.map(({ name }) => name);
    const find = (param: "user" | "item", other: number | undefined) => {
      const wanted = this.params[param];
      if (wanted === "") return names.findIndex((_, i) => i !== other);
      const found = names.indexOf(wanted);
      if (found >= 0) return found;
      const message = `\`${param}\` of ${this.spec.name}: there is no column "${wanted}"; there are ${listNames(names)}`;
      throw new ParamError(param, message);
    };
    const named = this.params.item === "" ? undefined : names.indexOf(this.params.item);
    const user = find("user", named);
    const item = find("item", user);
    if (user < 0 || item < 0 || user === item) {
      throw new ParamError(
        "item",
        `${this.spec.name} needs a column of users and another of items; there are ${listNames(names)}`,
      );
    }
    return { user, item };
  }

  async #learn(
    { ofUsers, ofItems, mean }: { ofUsers: Sparse; ofItems: Sparse; mean: number },
    { seed, report }: FitContext,
  ): Promise<{ users: Float64Array; items: Float64Array }> {
    const { iterations, regularization, alpha } = this.params;
    const width = this.#width;
    const random = new Random(seed);
    const users = new Float64Array((ofUsers.offsets.length - 1) * width);
    const items = Float64Array.from({ length: (ofItems.offsets.length - 1) * width }, () => START * random.normal());
    const sizes = { width, regularization };
    for (let step = 1; step <= iterations; step++) {
      let loss: number;
      if (this.#implicit) {
        solveImplicit(users, { others: items, ratings: ofUsers, alpha, ...sizes });
        solveImplicit(items, { others: users, ratings: ofItems, alpha, ...sizes });
        loss = implicitLoss(users, { items, ratings: ofUsers, alpha, ...sizes });
      } else {
        solveExplicit(users, { others: items, ratings: ofUsers, mean, ...sizes });
        solveExplicit(items, { others: users, ratings: ofItems, mean, ...sizes });
        loss = explicitLoss(users, { items, ratings: ofUsers, mean, ...sizes });
      }
      await report({ step, total: iterations, unit: "iteration", loss });
    }
    this.#rating = undefined;
    return { users, items };
  }

  #score(user: number, item: number): number {
    const model = this.#fitted;
    return this.#implicit ? implicitScore(model, user, item) : model.mean + explicitScore(model, user, item);
  }

  /** What users at large think of an item: the average user is as good a guess as any for one that is unknown. */
  #averageScore(): (item: number) => number {
    const model = this.#fitted;
    if (!this.#implicit) return (item) => this.#score(-1, item);
    const average = new Float64Array(model.width);
    const count = Math.max(1, model.userIds.count);
    for (let at = 0; at < model.users.length; at++) average[at % model.width] += model.users[at] / count;
    return (item) => implicitScore({ ...model, users: average }, 0, item);
  }

  #rated(): Uint8Array {
    const { seen, itemIds } = this.#fitted;
    if (this.#rating === undefined) {
      this.#rating = new Uint8Array(itemIds.count);
      for (const item of seen.others) this.#rating[item] = 1;
    }
    return this.#rating;
  }
}

// Internal

/** Spread of the first vectors: small beside the ratings, large enough to tell components apart. */
const START = 0.1;

function refuseNegative(values: Float64Array, name: string): void {
  const row = values.findIndex((value) => value < 0);
  if (row < 0) return;
  const problem = `row ${row} of the target "${name}" is ${values[row]}; implicit feedback counts use, from 0 up`;
  throw new ParamError("target", problem);
}

/** What was used not at all is no choice. */
function positive({ offsets, others, values }: Sparse): Sparse {
  const kept: number[] = [];
  const starts = new Uint32Array(offsets.length);
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let e = offsets[row]; e < offsets[row + 1]; e++) if (values[e] > 0) kept.push(e);
    starts[row + 1] = kept.length;
  }
  return {
    offsets: starts,
    others: Uint32Array.from(kept, (e) => others[e]),
    values: Float64Array.from(kept, (e) => values[e]),
  };
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function placeIn(schema: readonly ColumnSchema[], state: FittedState, name: string, owner: string): number {
  const place = readMeta(state, name, owner);
  const kind = typeof place === "number" ? schema[place]?.kind : undefined;
  if (kind === "number" || kind === "category") return place as number;
  throw new ShapeError(`"${name}" in the state of ${owner} names no column of users or items`);
}
