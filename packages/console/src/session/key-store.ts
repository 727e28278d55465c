// Where the API key is kept: for this tab and until it is closed, nowhere else. A sign-in link carries it behind `#`,
// which browsers send to no server; it is taken out of the address at once.

const NAME = "massif-key";

/** The key of this tab: from a sign-in link when the page was opened by one, else as it was kept. */
export function keptKey(): string | undefined {
  const fromLink = /^#key=(\S+)$/.exec(location.hash)?.[1];
  if (fromLink !== undefined) {
    history.replaceState(null, "", `${location.pathname}#/`);
    keepKey(decodeURIComponent(fromLink));
  }
  return sessionStorage.getItem(NAME) ?? undefined;
}

/** Keeps the key, or forgets it. */
export function keepKey(key: string | undefined): void {
  if (key === undefined) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
}
