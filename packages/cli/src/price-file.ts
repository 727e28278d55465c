// The file that `massif up --prices` reads: some or all unit prices as JSON.
import { readFile } from "node:fs/promises";
import { ApiError, Prices } from "@massif/api";

const Given = Prices.partial().strict();

/** Prices that differ from the defaults. Throws INVALID_FILE naming the file, the price and the value. */
export async function readPrices(file: string): Promise<Partial<Prices>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new ApiError("INVALID_FILE", `cannot read prices from ${file}: ${(error as Error).message}`);
  }
  const read = Given.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue.path.length === 0 ? "" : `\`${issue.path.join(".")}\`: `;
    throw new ApiError("INVALID_FILE", `${file}: ${where}${issue.message}`);
  }
  const negative = Object.entries(read.data).find(([, price]) => typeof price === "number" && price < 0);
  if (negative !== undefined)
    throw new ApiError("INVALID_FILE", `${file}: \`${negative[0]}\` must not be negative, got ${negative[1]}`);
  return read.data;
}
