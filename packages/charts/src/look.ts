// How charts look: colours of the light and the dark theme, and what an option must know about its paper. Series
// colours are told apart with the common kinds of colour blindness and stand out from the background by 3:1
// (tests compute both); dashes and symbols carry the same distinction for those who see no colour at all.

export type Theme = "light" | "dark";

/** The paper a chart is drawn on. */
export interface Look {
  readonly theme: Theme;
  /** Pixels; below NARROW_PX the layout stacks. */
  readonly width: number;
  /** False when the title stands outside the picture. Default true. */
  readonly titled?: boolean;
}

export interface Colours {
  readonly background: string;
  readonly text: string;
  /** Secondary text and axes. */
  readonly muted: string;
  readonly grid: string;
  /** Raw observations, drawn under everything else. */
  readonly points: string;
  /** In order of use. */
  readonly series: readonly string[];
  /** From few to many. */
  readonly ramp: readonly string[];
}

/** Charts narrower than this put legends below and shorten labels. */
export const NARROW_PX = 560;

/** Okabe & Ito's colours (2008), made darker or lighter where they would fade into the background. */
export const COLOURS: Readonly<Record<Theme, Colours>> = {
  light: {
    background: "#ffffff",
    text: "#1b1f24",
    muted: "#57606a",
    grid: "#d8dee4",
    points: "#768390",
    series: ["#0072b2", "#c24e00", "#1f8a4c", "#a2408a", "#8a6d00", "#3b2f8f"],
    ramp: ["#f0f6fb", "#9ecae1", "#2c7fb8", "#08306b"],
  },
  dark: {
    background: "#14181d",
    text: "#e8ecf0",
    muted: "#a3adb8",
    grid: "#333b44",
    points: "#8b97a3",
    series: ["#56b4e9", "#ff8a3d", "#5fd068", "#e08cc2", "#f0e442", "#9f93ff"],
    ramp: ["#1b2733", "#1f5a86", "#4aa3d8", "#d6efff"],
  },
};

/** Dash patterns in the order of the series colours; the first is a full line. */
export const DASHES: readonly (readonly number[])[] = [[], [10, 5], [3, 3], [12, 4, 3, 4], [6, 3], [2, 6]];

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Colour of the series at `index`, going round after the last. */
export function seriesColour(theme: Theme, index: number): string {
  const { series } = COLOURS[theme];
  return series[index % series.length];
}

/** A number as a chart shows it: 4 significant digits, no exponent where it can be read without. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(2).replace("e+", "e").replace("-", "−");
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
  return value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: digits }).replace("-", "−");
}

/** A number beside an axis, in few characters: 20k, 1.5M. */
export function axisNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e12 || size < 10_000) return shortNumber(value);
  const [unit, letter] = size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : [1e3, "k"];
  return `${shortNumber(value / Number(unit))}${letter}`;
}
