// Prices, budgets, limits of keys, invoices.
import { z } from "zod";
import { Key } from "../resources/access.ts";
import { Budget, BudgetRequest, Invoice, KeyLimitsRequest, MonthParams, Prices } from "../resources/money.ts";
import { ById, define } from "./route.ts";

export const moneyRoutes = {
  prices: define({
    method: "GET",
    path: "/v1/prices",
    tag: "money",
    summary: "The price table in force",
    role: "viewer",
    response: Prices,
    errors: [],
  }),
  budget: define({
    method: "GET",
    path: "/v1/budget",
    tag: "money",
    summary: "What was spent this month, and what still may be",
    role: "viewer",
    response: Budget,
    errors: [],
  }),
  setBudget: define({
    method: "PUT",
    path: "/v1/budget",
    tag: "money",
    summary: "Limit what the project may spend in a month",
    role: "admin",
    body: BudgetRequest,
    response: Budget,
    errors: [],
  }),
  setKeyLimits: define({
    method: "PUT",
    path: "/v1/keys/:id/limits",
    tag: "money",
    summary: "Limit what a key may spend in a month and how often it may ask",
    role: "admin",
    params: ById,
    body: KeyLimitsRequest,
    response: Key,
    errors: ["NOT_FOUND"],
  }),
  invoice: define({
    method: "GET",
    path: "/v1/invoices/:month",
    tag: "money",
    summary: "A month's usage as quantities, unit prices and amounts",
    role: "viewer",
    params: MonthParams,
    response: Invoice,
    errors: [],
  }),
  invoiceCsv: define({
    method: "GET",
    path: "/v1/invoices/:month/csv",
    tag: "money",
    summary: "The same invoice as CSV",
    role: "viewer",
    params: MonthParams,
    response: z.string(),
    answer: "text",
    errors: [],
  }),
};
