import type { AxisFormat } from './types.ts'

/** A number for axes, tooltips and tables: four significant digits, no trailing noise, non-finite by name. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e6 || size < 1e-3))
    return trimExponent(value.toExponential(2)).replace('-', '−')
  return String(Number(value.toPrecision(4))).replace('-', '−')
}

const trimExponent = (text: string): string => text.replace(/\.?0+e/, 'e').replace('e+', 'e')

/** Steps for axes: 1500 -> 1.5k, 2000000 -> 2M. */
export function formatSteps(value: number): string {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`
  if (Math.abs(value) >= 1e3) return `${Number((value / 1e3).toPrecision(4))}k`
  return formatNumber(value)
}

/** Seconds as 45 s, 3 min 5 s, 2 h 10 min. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`
  const minutes = Math.floor((whole % 3600) / 60)
  return `${Math.floor(whole / 3600)} h${minutes ? ` ${minutes} min` : ''}`
}

/** An x value in the words of its axis. */
export function formatX(value: number, axis: AxisFormat): string {
  if (axis === 'step') return formatSteps(value)
  if (axis === 'seconds') return formatDuration(value)
  return axis === 'clock' ? `${Number(value.toFixed(2))} s` : `${Number(value.toFixed(1))} %`
}

/** A configuration value for people: lists joined, booleans as words. */
export function formatSetting(value: unknown): string {
  if (value === undefined || value === null) return '–'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return formatNumber(value)
  if (Array.isArray(value)) return value.map(formatSetting).join(' × ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
