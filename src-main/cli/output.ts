import type { Writable } from 'node:stream'
import { visible, visibleJson, visibleLine } from '../base/visible.ts'

/** Where a command writes: results on `out`, everything that is only for eyes on `notes`. */
export interface Output {
  /** True when results are one JSON value. */
  readonly json: boolean
  /** Prints the command's result: the value as JSON, or the text for people. */
  result(value: unknown, text: string): void
  /** One line beside the result: progress in words, warnings, next steps. */
  note(text: string): void
  /** Lines that are redrawn while something runs; nothing when the notes do not go to a terminal. */
  progress(lines: readonly string[]): void
}

export interface Streams {
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
}

/**
 * Output to the given streams; progress lines only where standard error is a terminal. Names and texts come from files of
 * others: what a terminal would obey in them is shown instead.
 */
export function createOutput(streams: Streams, json: boolean): Output {
  let drawn = 0
  const clear = () => {
    if (drawn > 0) streams.stderr.write(`\x1b[${drawn}A\x1b[J`)
    drawn = 0
  }
  return {
    json,
    result(value, text) {
      clear()
      const line = json ? visibleJson(JSON.stringify(value, null, 2)) : visible(text)
      streams.stdout.write(line.endsWith('\n') || line === '' ? line : `${line}\n`)
    },
    note(text) {
      clear()
      streams.stderr.write(`${visible(text)}\n`)
    },
    progress(lines) {
      if (streams.stderr.isTTY !== true) return
      const width = (streams.stderr.columns ?? 100) - 1
      clear()
      for (const line of lines) streams.stderr.write(`${visibleLine(line).slice(0, width)}\n`)
      drawn = lines.length
    }
  }
}

/** `[#####.....]  52 %` of a share between 0 and 1. */
export function bar(share: number, width = 24): string {
  const whole = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0))
  const full = Math.round(whole * width)
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${String(Math.floor(whole * 100)).padStart(3)} %`
}

/**
 * A table as aligned text, columns of numbers to the right.
 * @param header one title a column; a title that ends in `#` marks a column of numbers
 * @param given cells; line breaks within one are shown as `\x0a`
 */
export function table(header: readonly string[], given: readonly (readonly string[])[]): string {
  const rows = given.map(cells => cells.map(visibleLine))
  const titles = header.map(title => title.replace(/#$/, ''))
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map(row => row[i].length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (header[i].endsWith('#') ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd()
  return [line(titles), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

/** `1h 02m`, `3m 20s` or `12s`; `-` for null. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '-'
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole >= 3600) return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`
  return whole >= 60 ? `${Math.floor(whole / 60)}m ${two(whole % 60)}s` : `${whole}s`
}

/** `1.4 GB` of a number of bytes. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3))
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/** Four significant digits of a scalar in transit; `-` for null, names of non-finite values as they are. */
export function figure(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'string') return value
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e7)) return value.toExponential(3)
  return String(Number(value.toPrecision(4)))
}
