// Months as budgets and invoices count them: calendar months in UTC, spelled `2026-11`.

/** The month of a moment (milliseconds since 1970). */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** The first moment of a month, and of the one after it. */
export function monthSpan(month: string): { from: Date; to: Date } {
  const [year, number] = month.split("-").map(Number);
  return { from: new Date(Date.UTC(year, number - 1)), to: new Date(Date.UTC(year, number)) };
}
