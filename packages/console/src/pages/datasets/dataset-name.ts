// The name a data set gets when nobody names it.

/** A data set's name made from a file's: lower case, without the ending, only what names may hold. */
export function nameOf(filename: string): string {
  const plain = filename
    .replace(/(\.(csv|tsv|txt|json|jsonl|ndjson|parquet|gz))+$/i, "")
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  return (plain === "" ? "data" : plain).slice(0, MOST_CHARACTERS);
}

// Internal

/** As the API's names. */
const MOST_CHARACTERS = 63;
