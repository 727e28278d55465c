// Which server a command talks to, and with which key: what the user says, else the environment, else what the server
// that runs from the home folder has left there.
import { ApiError, type Client, createClient } from "@massif/api";
import { defaultHome, givenHome, homeFolder, livingOwner, quickstartHome, readCredentials } from "./home-files.ts";
import type { Session } from "./session.ts";

export interface Connection {
  readonly client: Client;
  readonly url: string;
  readonly key: string | undefined;
}

/** The connection of a command; SERVER_UNREACHABLE when no server is known. */
export async function connect(session: Session): Promise<Connection> {
  const { options, environment } = session;
  const home = await knownHome(session);
  const stored = home?.credentials;
  const given = options.url ?? nonEmpty(environment.MASSIF_URL);
  const url = given ?? home?.url;
  if (url === undefined) {
    throw new ApiError("SERVER_UNREACHABLE", `no server is known: none has been started from ${homeFolder(session)}`);
  }
  checkUrl(url);
  // A stored key goes only to the server it was made by.
  const own = given === undefined || sameServer(given, stored?.url);
  const key = options.key ?? nonEmpty(environment.MASSIF_API_KEY) ?? (own ? stored?.key : undefined);
  return { client: createClient({ url, key }), url, key };
}

/** The connection and one call that proves it: the server answers and takes the key. */
export async function reach(connection: Connection, signal: AbortSignal): Promise<Connection> {
  await connection.client.system({ signal: AbortSignal.any([signal, AbortSignal.timeout(REACH_MS)]) });
  return connection;
}

// Internal

/** A server on this machine answers within milliseconds, one far away within a second. */
const REACH_MS = 5000;

interface KnownHome {
  readonly url: string | undefined;
  readonly credentials: Awaited<ReturnType<typeof readCredentials>>;
}

// A running server is preferred to one that has run; quickstart's home is looked at when no home is named.
async function knownHome(session: Session): Promise<KnownHome | undefined> {
  const homes = givenHome(session) === undefined ? [defaultHome(), quickstartHome()] : [homeFolder(session)];
  const found = await Promise.all(
    homes.map(async (home) => {
      const credentials = await readCredentials(home);
      const owner = await livingOwner(home);
      return { running: owner?.url !== undefined, url: owner?.url ?? credentials?.url, credentials };
    }),
  );
  return found.find(({ running }) => running) ?? found.find(({ credentials }) => credentials !== undefined);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function sameServer(a: string, b: string | undefined): boolean {
  return b !== undefined && URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin;
}

function checkUrl(url: string): void {
  const valid = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!valid) {
    throw new ApiError(
      "INVALID_REQUEST",
      `\`--url\` must be an http address such as http://127.0.0.1:7331, got ${url}`,
    );
  }
}
