// Money: prices, budgets, limits of keys, invoices.
import { z } from "zod";
import { Cost, Timestamp } from "./common.ts";

const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "must be a month such as 2026-11");

export const Prices = z
  .object({
    currency: z.string(),
    predictCpuSecond: z.number(),
    trainCpuSecond: z.number(),
    memoryGbSecond: z.number(),
    millionRequests: z.number(),
    millionRows: z.number(),
    storedGbMonth: z.number(),
  })
  .meta({ id: "Prices" });

/** Most that may be spent in a calendar month (UTC), in the price table's currency; null is no limit, 0 is nothing. */
export const MonthlyBudget = z.number().min(0, "must not be negative").max(1e12).nullable();

/** Most requests in any minute; null is no limit. */
export const RequestsPerMinute = z.number().int().min(1, "must be at least 1").max(1_000_000).nullable();

export const BudgetRequest = z.object({ monthly: MonthlyBudget });

/** What is left out stays as it is. */
export const KeyLimitsRequest = z
  .object({ monthlyBudget: MonthlyBudget.optional(), requestsPerMinute: RequestsPerMinute.optional() })
  .refine((limits) => limits.monthlyBudget !== undefined || limits.requestsPerMinute !== undefined, {
    message: "give `monthlyBudget`, `requestsPerMinute` or both",
  });

const Standing = z.object({
  monthly: MonthlyBudget,
  spent: Cost,
  /** Null without a limit. */
  remaining: z.number().nullable(),
  /** Whether anything may be spent now. */
  open: z.boolean(),
});

export const Budget = z
  .object({
    month: Month,
    /** When a new month begins. */
    resetsAt: Timestamp,
    project: Standing,
    /** Keys that have a budget or have spent something. */
    keys: z.array(Standing.extend({ id: z.string(), name: z.string() })),
  })
  .meta({ id: "Budget" });

export const InvoiceLine = z
  .object({
    kind: z.string(),
    meter: z.string(),
    quantity: z.number(),
    unit: z.string(),
    unitPrice: z.number(),
    amount: z.number(),
    currency: z.string(),
    key: z.string().nullable(),
    endpoint: z.string().nullable(),
    model: z.string().nullable(),
  })
  .meta({ id: "InvoiceLine" });

export const Invoice = z
  .object({
    month: Month,
    /** Whether the month is over. */
    complete: z.boolean(),
    from: Timestamp,
    to: Timestamp,
    lines: z.array(InvoiceLine),
    totals: z.array(Cost),
  })
  .meta({ id: "Invoice" });

export const MonthParams = z.object({ month: Month });

export type Prices = z.infer<typeof Prices>;
export type Budget = z.infer<typeof Budget>;
export type Invoice = z.infer<typeof Invoice>;
export type InvoiceLine = z.infer<typeof InvoiceLine>;
