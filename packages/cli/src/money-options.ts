// What may be typed for an amount of money.
import { InvalidArgumentError } from "commander";

/** An amount from 0 up, or null for `none`; refuses everything else in words. */
export function amountOrNone(text: string): number | null {
  if (text.toLowerCase() === "none") return null;
  const amount = Number(text);
  if (text.trim() !== "" && Number.isFinite(amount) && amount >= 0 && amount <= 1e12) return amount;
  throw new InvalidArgumentError(`Give an amount from 0 up, or \`none\` for no limit; got "${text}".`);
}

/** A whole number of requests from 1 up, or null for `none`. */
export function requestsOrNone(text: string): number | null {
  if (text.toLowerCase() === "none") return null;
  const requests = Number(text);
  if (/^\d+$/.test(text) && requests >= 1 && requests <= 1_000_000) return requests;
  throw new InvalidArgumentError(`Give a whole number from 1 to 1000000, or \`none\`; got "${text}".`);
}
