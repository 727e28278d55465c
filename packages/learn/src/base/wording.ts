// How error messages show values and lists: readable, and short whatever comes from outside.

/** Characters of a value that a message repeats. */
const MAX_SHOWN = 80;

/** Names that a message lists before it only counts the rest. */
const MAX_LISTED = 30;

/** A value as a message shows it, with NaN, infinities and functions readable. */
export function describeValue(value: unknown): string {
  const shown = typeof value === "object" || typeof value === "string" ? jsonOf(value) : String(value);
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
}

/** Names as a message lists them. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const rest = names.length - MAX_LISTED;
  return names.slice(0, MAX_LISTED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

// Internal

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? "a list too deep to show" : "an object too deep to show";
  }
}
