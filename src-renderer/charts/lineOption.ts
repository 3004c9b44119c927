import type { EChartsCoreOption } from 'echarts/core'
import { formatNumber, formatX } from './format.ts'
import { placeReferences, type PlotFrame } from './referenceLabels.ts'
import { yExtent } from './scale.ts'
import type { ChartTheme } from './theme.ts'
import type { AxisFormat, ChartLine, ChartSpec } from './types.ts'

/** Points of a line as ECharts takes them fastest: interleaved [x, y, ...], non-finite left out. */
export function interleave(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(2 * x.length)
  let n = 0
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(y[i])) continue
    out[n++] = x[i] ?? NaN
    out[n++] = y[i] ?? NaN
  }
  return out.subarray(0, n)
}

const lineSeries = (line: ChartLine) => ({
  id: line.id,
  name: line.name,
  type: 'line',
  dimensions: ['x', 'y'],
  data: interleave(line.x, line.y),
  showSymbol: line.points === true || line.x.length === 1,
  showAllSymbol: line.points === true,
  symbol: 'circle',
  symbolSize: line.points ? 3 : 6,
  ...(line.points ? {} : { sampling: 'minmax' }),
  silent: true,
  lineStyle: {
    color: line.colour,
    width: line.points ? 0 : (line.width ?? 1.5),
    opacity: line.opacity ?? 1,
    type: line.dash ?? 'solid'
  },
  itemStyle: { color: line.colour, opacity: line.opacity ?? 1 },
  emphasis: { disabled: true },
  z: line.quiet ? 2 : 3
})

/** A band as one polygon: out along the high edge, back along the low one. */
function bandSeries(line: ChartLine) {
  const { band, x } = line
  if (!band) return []
  const upper: number[][] = []
  const lower: number[][] = []
  x.forEach((at, i) => {
    const low = band.low[i] ?? NaN
    const high = band.high[i] ?? NaN
    if (!Number.isFinite(low) || !Number.isFinite(high)) return
    upper.push([at, high])
    lower.unshift([at, low])
  })
  if (upper.length < 2) return []
  const outline = [...upper, ...lower]
  return [
    {
      id: `${line.id}/band`,
      type: 'custom',
      silent: true,
      z: 1,
      data: [[upper[0]?.[0], upper[0]?.[1]]],
      clip: true,
      renderItem: (_: unknown, api: { coord(point: number[]): number[] }) => ({
        type: 'polygon',
        shape: { points: outline.map(point => api.coord(point)) },
        style: { fill: line.colour, opacity: 0.15 }
      })
    }
  ]
}

function markSeries(spec: ChartSpec, theme: ChartTheme, axis: AxisFormat, frame: PlotFrame) {
  const horizontal = placeReferences(spec.references ?? [], frame).map(({ value, text, colour, place }) => ({
    yAxis: value,
    name: text,
    lineStyle: { color: colour ?? theme.muted, type: 'dashed', width: 1 },
    label: {
      show: place !== null,
      formatter: text,
      color: theme.muted,
      backgroundColor: theme.background,
      padding: [0, 2],
      fontSize: 10,
      position: place ?? 'insideEndTop'
    }
  }))
  const vertical = (spec.seams ?? []).map(seam => ({
    xAxis: seam.x,
    name: seam.label,
    lineStyle: { color: seam.colour ?? theme.warning, type: 'dotted', width: 1 },
    label: {
      show: seam.label !== '',
      formatter: `${seam.label} ${formatX(seam.x, axis)}`,
      color: seam.colour ?? theme.warning,
      fontSize: 10,
      position: 'insideEndTop'
    }
  }))
  if (horizontal.length + vertical.length === 0) return []
  return [
    {
      id: 'marks',
      type: 'line',
      data: [],
      silent: true,
      animation: false,
      markLine: { silent: true, symbol: 'none', animation: false, data: [...horizontal, ...vertical] }
    }
  ]
}

/** Non-finite points stand at the upper edge as small triangles: they must show. */
function nonFiniteSeries(spec: ChartSpec, theme: ChartTheme, high: number) {
  return spec.lines
    .filter(line => (line.nonFinite?.x.length ?? 0) > 0)
    .map(line => ({
      id: `${line.id}/nonFinite`,
      type: 'scatter',
      silent: true,
      symbol: 'triangle',
      symbolRotate: 180,
      symbolSize: 8,
      itemStyle: { color: theme.error },
      data: [...(line.nonFinite?.x ?? [])].map(x => [x, high])
    }))
}

/** Room around the plot in pixels. */
const margins = { left: 52, right: 12, top: 10, bottom: 24 }

/** Steps and seconds count from 0, so that a single evaluation stands at its share of the run. */
const firstX = (axis: AxisFormat): unknown =>
  axis === 'step' || axis === 'seconds' ? ({ min }: { min: number }) => Math.min(0, min) : 'dataMin'

/**
 * The whole ECharts option of a line chart from its plain description; pure, so it is tested without a canvas.
 * No animation, no legend and no tooltip of the library: both are the page's own elements.
 * @param size of the whole chart in pixels, which decides where labels fit
 */
export function lineOption(
  spec: ChartSpec,
  theme: ChartTheme,
  axis: AxisFormat,
  size: { readonly width: number; readonly height: number } = { width: 400, height: 190 }
): EChartsCoreOption {
  const extent = yExtent(spec)
  const pad = extent ? (extent.high - extent.low) * 0.05 || Math.abs(extent.high) * 0.1 || 1 : 1
  const low = extent ? extent.low - pad : 0
  const high = extent ? extent.high + pad : 1
  const frame: PlotFrame = {
    width: size.width - margins.left - margins.right,
    height: size.height - margins.top - margins.bottom,
    low: spec.logY ? (extent?.low ?? 1) : low,
    high: spec.logY ? (extent?.high ?? 1) : high,
    log: spec.logY ?? false
  }
  const axisText = { color: theme.muted, fontSize: 10 }
  return {
    animation: false,
    grid: margins,
    xAxis: {
      type: 'value',
      min: spec.xRange?.[0] ?? firstX(axis),
      max: spec.xRange?.[1] ?? 'dataMax',
      axisLabel: { ...axisText, hideOverlap: true, formatter: (value: number) => formatX(value, axis) },
      axisLine: { lineStyle: { color: theme.line } },
      splitLine: { show: false }
    },
    yAxis: {
      type: spec.logY ? 'log' : 'value',
      ...(spec.logY ? {} : { min: low, max: high }),
      splitNumber: 4,
      axisLabel: { ...axisText, showMinLabel: false, showMaxLabel: false, formatter: formatNumber },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: theme.line, width: 0.5 } }
    },
    series: [
      ...spec.lines.flatMap(bandSeries),
      ...spec.lines.map(lineSeries),
      ...markSeries(spec, theme, axis, frame),
      ...nonFiniteSeries(spec, theme, high)
    ]
  }
}
