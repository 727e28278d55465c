import { describe, expect, test } from "vitest";
import { COLOURS, renderHtml, renderSvg } from "../src/index.ts";
import { CHARTS } from "./samples.ts";

describe.each(Object.entries(CHARTS))("%s as SVG", (_, draw) => {
  const svg = (width: number, id?: string) =>
    renderSvg(draw({ theme: "light", width }), { width, height: 400, theme: "light", id });

  test("is one scalable svg element without broken numbers", () => {
    const text = svg(900);
    expect(text).toMatch(/^<svg [^>]*viewBox="0 0 900 400"/);
    expect(text.trimEnd()).toMatch(/<\/svg>$/);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("is the same text each time, with ids under the given prefix only", () => {
    expect(svg(900)).toBe(svg(900));
    expect(svg(380, "left")).not.toMatch(/\bzr\d/);
    for (const [, id] of svg(380, "left").matchAll(/ id="([^"]+)"/g)) expect(id).toMatch(/^left-/);
  });
});

describe("the page", () => {
  const caption = "Points & lines";
  const charts = Object.entries(CHARTS).map(([title, draw]) => ({ title, caption, draw }));
  const tables = [{ title: "Fits", head: ["optimiser", "slope"], rows: [["<b>SGD</b>", 1.5]], decimals: 3 }];
  const page = renderHtml("Fits of <y>", charts, tables, { introduction: ["Three optimisers."] });

  test("needs nothing from outside and runs nothing", () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|src=/);
    expect(page).not.toMatch(/href="http/);
  });

  test("has each chart in light and dark, wide and narrow, with a text for those who do not see it", () => {
    expect(page.match(/<svg /g)).toHaveLength(4 * charts.length);
    expect(page).toContain("prefers-color-scheme:dark");
    expect(page).toContain(COLOURS.dark.background);
    expect(page.match(/role="img" aria-label="/g)).toHaveLength(charts.length);
  });

  test("has no id twice", () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("shows text as text, never as markup", () => {
    expect(page).toContain("<title>Fits of &lt;y&gt;</title>");
    expect(page).toContain("&lt;b&gt;SGD&lt;/b&gt;");
    expect(page).toContain('<td class="number">1.500</td>');
  });
});
