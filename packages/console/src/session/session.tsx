// Who is signed in: the API key, the client that sends it, and what its role allows.
import { type Client, createClient, type Key, ROLES, type Role } from "@massif/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { failureOf } from "./failures.ts";
import { keepKey, keptKey } from "./key-store.ts";
import { SignIn } from "./sign-in.tsx";

export interface SignedIn {
  readonly client: Client;
  /** The secret, for uploads and code snippets. */
  readonly secret: string;
  readonly key: Key;
  /** Whether the key's role allows what `role` allows. */
  may(role: Role): boolean;
  signOut(): void;
}

/** The session of the page; only inside `SessionProvider`. */
export function useSession(): SignedIn {
  const session = useContext(Session);
  if (session === undefined) throw new Error("this part of the console is drawn outside a session");
  return session;
}

/** Shows its children to whoever is signed in, and the way in to everybody else. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [secret, setSecret] = useState(keptKey);
  const queries = useQueryClient();
  const client = useMemo(() => createClient({ url: location.origin, key: secret }), [secret]);
  const own = useQuery({
    queryKey: ["own-key", secret],
    queryFn: ({ signal }) => client.getOwnKey({ signal }),
    enabled: secret !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const change = useCallback(
    (next: string | undefined) => {
      keepKey(next);
      queries.clear();
      setSecret(next);
    },
    [queries],
  );
  const key = own.data;
  const session = useMemo(
    () =>
      secret === undefined || key === undefined
        ? undefined
        : { client, secret, key, may: (role: Role) => allows(key.role, role), signOut: () => change(undefined) },
    [client, secret, key, change],
  );
  if (session?.may("viewer")) return <Session value={session}>{children}</Session>;
  return (
    <SignIn
      onKey={change}
      busy={own.isFetching}
      failure={own.error === null ? undefined : failureOf(own.error)}
      tooNarrow={session?.key}
    />
  );
}

// Internal

const Session = createContext<SignedIn | undefined>(undefined);

function allows(has: Role, needed: Role): boolean {
  return ROLES.indexOf(has) <= ROLES.indexOf(needed);
}
