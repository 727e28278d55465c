// A prediction that is paid for: what it costs at least is set aside before the work and given back when its cost is
// counted, and the answer says in a header what it cost. Every door to a model (native, Open Inference Protocol,
// recommendations) goes through here.
import { costOf } from "../../services/prices.ts";
import type { Asked } from "../handlers.ts";
import type { Services } from "./services.ts";

/** The header with a request's cost: an amount and its currency. */
export const COST_HEADER = "x-massif-cost";

/** What a service gives for a prediction. */
export interface Paid<T> {
  readonly response: T;
  readonly cost: { readonly amount: number; readonly currency: string };
  /** Counts the request; to be called once, with the bytes that went out. */
  settle(bytesOut: number): void;
}

type Means = Pick<Services, "budgets" | "prices">;
type Request = Pick<Asked<unknown>, "caller" | "header" | "sent">;

/** Does `work` on `rows` within the caller's budget; throws BUDGET_EXCEEDED before it begins. */
export async function paid<T>(
  { budgets, prices }: Means,
  { caller, header, sent }: Request,
  { rows, work }: { rows: number; work: () => Promise<Paid<T>> },
): Promise<T> {
  const hold = await budgets.hold(caller, costOf(prices, "predict", { requests: 1, rows }));
  try {
    const { response, cost, settle } = await work();
    header(COST_HEADER, `${cost.amount} ${cost.currency}`);
    sent((bytesOut) => {
      settle(bytesOut);
      hold.release();
    });
    return response;
  } catch (error) {
    hold.release();
    throw error;
  }
}
