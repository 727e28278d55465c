// One self-contained page of charts and tables: no script, no network, light or dark by the reader's setting, with a
// drawing of its own for narrow screens instead of a shrunken wide one.
import type { EChartsOption } from "echarts";
import { COLOURS, FONT, type Look, type Theme } from "./look.ts";
import { renderSvg } from "./render-svg.ts";

export interface PageChart {
  readonly title: string;
  /** What it shows, in a sentence: the caption, and the text for those who do not see it. */
  readonly caption: string;
  readonly draw: (look: Look) => EChartsOption;
  /** Pixels. Default 440. */
  readonly height?: number;
}

export interface PageTable {
  readonly title: string;
  readonly head: readonly string[];
  /** Numbers are set flush right. */
  readonly rows: readonly (readonly (string | number)[])[];
  readonly caption?: string;
  /** Of all numbers; default: as many as each has. */
  readonly decimals?: number;
}

export interface PageText {
  readonly introduction?: readonly string[];
}

/** A complete HTML document. */
export function renderHtml(
  title: string,
  charts: readonly PageChart[],
  tables: readonly PageTable[] = [],
  { introduction = [] }: PageText = {},
): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<h1>${escapeHtml(title)}</h1>`,
    ...introduction.map((text) => `<p>${escapeHtml(text)}</p>`),
    ...tables.map(tableHtml),
    ...charts.map(chartHtml),
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

// Internal

const WIDE_PX = 920;
const NARROW_PX = 380;
const THEMES: readonly Theme[] = ["light", "dark"];

function chartHtml(chart: PageChart, index: number): string {
  const pictures = THEMES.flatMap((theme) => [
    picture(chart, index, theme, "wide"),
    picture(chart, index, theme, "narrow"),
  ]);
  return [
    `<figure role="img" aria-label="${escapeHtml(`${chart.title}. ${chart.caption}`)}">`,
    `<h2>${escapeHtml(chart.title)}</h2>`,
    ...pictures,
    `<figcaption>${escapeHtml(chart.caption)}</figcaption>`,
    "</figure>",
  ].join("\n");
}

function picture(chart: PageChart, index: number, theme: Theme, size: "wide" | "narrow"): string {
  const width = size === "wide" ? WIDE_PX : NARROW_PX;
  const option = chart.draw({ theme, width, titled: false });
  const svg = renderSvg(option, { width, height: chart.height ?? 440, theme, id: `c${index}-${theme}-${size}` });
  return `<div class="${theme} ${size}" aria-hidden="true">${svg}</div>`;
}

function tableHtml(table: PageTable): string {
  const number = (value: number) => (table.decimals === undefined ? value : value.toFixed(table.decimals));
  const cell = (value: string | number) =>
    typeof value === "number" ? `<td class="number">${number(value)}</td>` : `<td>${escapeHtml(value)}</td>`;
  const numeric = table.head.map(
    (_, column) => table.rows.length > 0 && table.rows.every((row) => typeof row[column] === "number"),
  );
  return [
    `<section><h2>${escapeHtml(table.title)}</h2>`,
    '<div class="scroll"><table>',
    `<thead><tr>${table.head.map((name, i) => `<th scope="col"${numeric[i] ? ' class="number"' : ""}>${escapeHtml(name)}</th>`).join("")}</tr></thead>`,
    "<tbody>",
    ...table.rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`),
    "</tbody></table></div>",
    ...(table.caption === undefined ? [] : [`<p class="muted">${escapeHtml(table.caption)}</p>`]),
    "</section>",
  ].join("\n");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function variables(theme: Theme): string {
  const { background, text, muted, grid } = COLOURS[theme];
  return `--background:${background};--text:${text};--muted:${muted};--line:${grid}`;
}

const STYLE = `
:root{${variables("light")};color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{${variables("dark")}}}
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:16px/1.55 ${FONT}}
main{max-width:960px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .6rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{max-width:70ch}
figure{margin:0}
figcaption,.muted{color:var(--muted);font-size:.9rem;max-width:75ch}
svg{display:block;width:100%;height:auto}
.dark,.narrow{display:none}
@media (max-width:620px){.wide{display:none}.light.narrow{display:block}main{padding:16px 12px 32px}}
@media (prefers-color-scheme:dark){.light,.light.narrow{display:none}.dark.wide{display:block}}
@media (prefers-color-scheme:dark) and (max-width:620px){.dark.wide{display:none}.dark.narrow{display:block}}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
th{font-weight:600}
.number{text-align:right}
@media (max-width:620px){th,td{padding-right:.6rem;font-size:.92rem}}
`.trim();
