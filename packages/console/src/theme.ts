// The look of the console, in the colours of its charts.

import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import { COLOURS, FONT } from "@massif/charts";

// Around #0072b2, the first series colour of the charts.
const blue: MantineColorsTuple = [
  "#e6f3fb",
  "#cfe6f5",
  "#9ccbeb",
  "#66afe0",
  "#3b97d7",
  "#2089d2",
  "#0072b2",
  "#0065a0",
  "#00568a",
  "#004874",
];

export const theme = createTheme({
  primaryColor: "massif",
  primaryShade: { light: 6, dark: 5 },
  colors: { massif: blue },
  fontFamily: FONT,
  headings: { fontFamily: FONT, fontWeight: "600" },
  defaultRadius: "md",
  cursorType: "pointer",
});

/** Pages are of the same paper as charts. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": COLOURS.light.background,
    "--mantine-color-text": COLOURS.light.text,
    "--mantine-color-dimmed": COLOURS.light.muted,
    "--massif-line": COLOURS.light.grid,
  },
  dark: {
    "--mantine-color-body": COLOURS.dark.background,
    "--mantine-color-text": COLOURS.dark.text,
    "--mantine-color-dimmed": COLOURS.dark.muted,
    "--massif-line": COLOURS.dark.grid,
  },
});
