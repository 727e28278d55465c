// Lists are read newest first, in pages: ids sort by creation, so the last id of a page is where the next begins.

/** Which part of a list to read. */
export interface Page {
  /** Most rows to return. */
  readonly limit?: number;
  /** Only rows created before the one with this id. */
  readonly before?: string;
}

/** How many rows a page has when nothing is said, and the most it can have. */
export const PAGE_LIMIT = { usual: 100, most: 1000 } as const;

/** The number of rows to ask for. */
export function pageLimit({ limit = PAGE_LIMIT.usual }: Page): number {
  return Math.min(Math.max(1, Math.trunc(limit)), PAGE_LIMIT.most);
}

/** Sorts after every id, hence "no cursor". */
export const PAGE_START = "~";
