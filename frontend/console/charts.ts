/**
 * Charts from JSON: `<div data-chart><script type="application/json">{an ECharts option}</script></div>`. The script may
 * also follow the div, or the option be the attribute's value. No code travels in an option: formatters are ECharts templates.
 */

import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, getInstanceByDom, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const SELECTOR = "[data-chart]";
const STILL = 3_000; // milliseconds from the page's start
const COLOURS = ["primary", "teal", "orange", "purple", "cyan", "pink", "lime", "indigo"];

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) getInstanceByDom(target as HTMLElement)?.resize();
});

/** Draws the charts in `root` that are not drawn yet. */
export function drawCharts(root: Element): void {
  for (const element of root.querySelectorAll<HTMLElement>(SELECTOR)) draw(element);
  if (root.matches(SELECTOR)) draw(root as HTMLElement);
}

/** Lets go of a chart whose element leaves the page. */
export function disposeCharts(element: Element): void {
  const chart = element.matches(SELECTOR) && getInstanceByDom(element as HTMLElement);
  if (!chart) return;
  resized.unobserve(element);
  chart.dispose();
}

function draw(element: HTMLElement): void {
  const option = getInstanceByDom(element) ? null : optionOf(element);
  if (!option) return;
  init(element).setOption({ ...house(element), ...option, tooltip: tooltip(option) });
  resized.observe(element);
}

function optionOf(element: HTMLElement): EChartsCoreOption | null {
  const beside = element.nextElementSibling;
  const script =
    element.querySelector('script[type="application/json"]') ??
    (beside?.matches('script[type="application/json"]') ? beside : null);
  const json = script?.textContent || element.dataset["chart"];
  return json ? (JSON.parse(json) as EChartsCoreOption) : null;
}

/** ECharts' own tooltip is HTML with style attributes, which the content security policy forbids. */
const tooltip = (option: EChartsCoreOption): object => ({
  renderMode: "richText",
  confine: true,
  ...(option["tooltip"] as object | undefined),
});

/** The page's colours and letters, and its wish for rest. */
function house(element: HTMLElement): EChartsCoreOption {
  const style = getComputedStyle(element);
  return {
    color: COLOURS.map((name) => resolved(element, `var(--tblr-${name})`)),
    textStyle: { fontFamily: style.fontFamily, color: style.color },
    // What takes the place of a chart that was there already does not grow anew.
    animation: performance.now() < STILL && !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 300,
    aria: { enabled: true },
    grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
  };
}

/** A CSS colour as `rgb(…)`: a canvas knows neither variables nor, everywhere, oklch. */
function resolved(element: HTMLElement, colour: string): string {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const probe = element.appendChild(document.createElement("span"));
  probe.style.color = colour;
  const plain = getComputedStyle(probe).color;
  probe.remove();
  if (!context) return plain;
  context.fillStyle = plain;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return `rgb(${red},${green},${blue})`;
}
