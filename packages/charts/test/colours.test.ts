// Contrast by WCAG 2.2 §1.4.11 and §1.4.3; colour blindness simulated with the matrices of Machado, Oliveira &
// Fernandes (2009), severity 1; distance in CIE L*a*b* (1976).
import { describe, expect, test } from "vitest";
import { COLOURS, shortNumber } from "../src/index.ts";
import { axisNumber, DASHES } from "../src/look.ts";

const MACHADO: Record<string, number[][]> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

function luminance([r, g, b]: number[]): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function seen(hex: string, matrix: number[][]): number[] {
  const rgb = linear(hex);
  return matrix.map((row) => Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2])));
}

function lab([r, g, b]: number[]): number[] {
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const colours = COLOURS[theme];

  test("lets text and secondary text be read on the background", () => {
    expect(contrast(colours.text, colours.background)).toBeGreaterThan(7);
    expect(contrast(colours.muted, colours.background)).toBeGreaterThan(4.5);
  });

  test("lets every series stand out from the background by 3:1", () => {
    for (const colour of [...colours.series, colours.points]) {
      expect(contrast(colour, colours.background), colour).toBeGreaterThan(3);
    }
  });

  test.each(Object.keys(MACHADO))("keeps the first four series apart for readers with %s", (kind) => {
    const shades = colours.series.slice(0, 4).map((colour) => lab(seen(colour, MACHADO[kind])));
    for (let i = 0; i < shades.length; i++) {
      for (let j = 0; j < i; j++) {
        const distance = Math.hypot(...shades[i].map((value, k) => value - shades[j][k]));
        expect(distance, `${colours.series[i]} and ${colours.series[j]}`).toBeGreaterThan(12);
      }
    }
  });

  test("has a dash pattern of its own for every series colour", () => {
    expect(new Set(DASHES.map(String)).size).toBe(colours.series.length);
  });
});

test("numbers are short and readable", () => {
  expect([0, 1.99879, -0.17421, 53940, 1e300, 1e-9, Number.NaN].map(shortNumber)).toEqual([
    "0",
    "1.999",
    "−0.1742",
    "53,940",
    "1.00e300",
    "1.00e−9",
    "–",
  ]);
  expect([0, 5000, 20000, 1.5e6, 2e9, 1e15].map(axisNumber)).toEqual(["0", "5,000", "20k", "1.5M", "2G", "1.00e15"]);
});
