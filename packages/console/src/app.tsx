// The frame around all pages: where one can go, light or dark, and the way out. Pages are loaded when first opened.
import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Loader,
  NavLink,
  ScrollArea,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ComponentType, lazy, Suspense } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { useSession } from "./session/session.tsx";

export function App() {
  const [opened, menu] = useDisclosure();
  const [location] = useLocation();
  const { key, signOut } = useSession();
  const away = (location.split("/")[1] ?? "") || "datasets";
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 200, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Text component={Link} href="/" fw={700} fz="lg" td="none" c="inherit">
              Massif
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" c="dimmed" visibleFrom="xs">
              {key.name} ({key.role})
            </Text>
            <ThemeSwitch />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <AppShell.Section grow component={ScrollArea}>
          {PAGES.map(({ name, label }) => (
            <NavLink
              key={name}
              className="nav-link"
              component={Link}
              href={`/${name}`}
              label={label}
              aria-current={away === name ? "page" : undefined}
              onClick={menu.close}
            />
          ))}
        </AppShell.Section>
        <AppShell.Section>
          <NavLink component="a" href="/docs" target="_blank" rel="noreferrer" label="API reference ↗" />
          <NavLink component="button" label="Sign out" onClick={signOut} />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main>
        <Suspense fallback={<Loader aria-label="Loading" />}>
          <Switch>
            {PAGES.map(({ name, page }) => (
              <Route key={name} path={`/${name}/*?`} component={page} />
            ))}
            <Route>
              <Redirect to="/datasets" replace />
            </Route>
          </Switch>
        </Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

// Internal

interface PageEntry {
  readonly name: string;
  readonly label: string;
  readonly page: ComponentType;
}

const PAGES: readonly PageEntry[] = [
  {
    name: "datasets",
    label: "Data sets",
    page: lazy(async () => ({ default: (await import("./pages/datasets/datasets.tsx")).Datasets })),
  },
  { name: "runs", label: "Runs", page: lazy(async () => ({ default: (await import("./pages/runs/runs.tsx")).Runs })) },
  {
    name: "comparisons",
    label: "Comparisons",
    page: lazy(async () => ({ default: (await import("./pages/comparisons/comparisons.tsx")).Comparisons })),
  },
  {
    name: "studies",
    label: "Studies",
    page: lazy(async () => ({ default: (await import("./pages/studies/studies.tsx")).Studies })),
  },
  {
    name: "models",
    label: "Models",
    page: lazy(async () => ({ default: (await import("./pages/models/models.tsx")).Models })),
  },
  {
    name: "endpoints",
    label: "Endpoints",
    page: lazy(async () => ({ default: (await import("./pages/endpoints/endpoints.tsx")).Endpoints })),
  },
  {
    name: "usage",
    label: "Usage",
    page: lazy(async () => ({ default: (await import("./pages/usage/usage.tsx")).Usage })),
  },
];

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const now = useComputedColorScheme("light");
  const next = now === "light" ? "dark" : "light";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={() => setColorScheme(next)}
      aria-label={`Use the ${next} theme`}
    >
      {now === "light" ? "☾" : "☀"}
    </ActionIcon>
  );
}
