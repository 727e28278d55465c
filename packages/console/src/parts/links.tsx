// Links inside the console, as text and as buttons.
import { Anchor, Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";

interface LinkProps {
  /** The page's path, such as `/datasets/diamonds`. */
  readonly to: string;
  readonly children: ReactNode;
}

export function TextLink({ to, children }: LinkProps) {
  return (
    <Anchor component={Link} href={to} inherit>
      {children}
    </Anchor>
  );
}

export function ButtonLink({ to, children, ...props }: LinkProps & ButtonProps) {
  return (
    <Button component={Link} href={to} {...props}>
      {children}
    </Button>
  );
}
