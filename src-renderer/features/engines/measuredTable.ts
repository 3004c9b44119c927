import type { Execution } from '../../../src-preload/contract/execution.ts'
import type { EngineEntry, EngineSpeed, Measurement } from '../../../src-preload/contract/engines.ts'
import type { Precision } from '../../../src-preload/contract/precision.ts'
import { contestantText } from './words.ts'

/** A column: one engine in one number format. */
export interface SpeedColumn {
  readonly key: string
  /** Its id and format, short enough for a column's head. */
  readonly text: string
  readonly title: string
  readonly engine: string
  readonly precision: Precision
}

/** One engine at one size. */
export type SpeedCell =
  | {
      readonly kind: 'speed'
      readonly stepsPerSecond: number
      readonly ratio: number
      readonly execution?: Execution
    }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'none' }

export interface SpeedRow {
  readonly measurement: Measurement
  readonly cells: readonly SpeedCell[]
}

const keyOf = ({ engine, precision }: Pick<EngineSpeed, 'engine' | 'precision'>): string =>
  `${engine} ${precision}`

/** Columns for everything that was measured: engines in the order of the list, float32 first. */
export function speedColumns(
  measurements: readonly Measurement[],
  entries: readonly EngineEntry[]
): SpeedColumn[] {
  const place = (id: string): number => {
    const index = entries.findIndex(entry => entry.id === id)
    return index < 0 ? entries.length : index
  }
  const found = new Map(
    measurements.flatMap(({ speeds }) =>
      speeds.map(({ engine, precision }) => [keyOf({ engine, precision }), { engine, precision }] as const)
    )
  )
  return [...found]
    .map(([key, { engine, precision }]) => {
      const title = entries.find(entry => entry.id === engine)?.title ?? engine
      const text = precision === 'float32' ? engine : `${engine}, ${precision}`
      return { key, engine, precision, text, title: contestantText(title, precision) }
    })
    .sort((a, b) => place(a.engine) - place(b.engine) || order(a.precision) - order(b.precision))
}

const order = (precision: Precision): number => ['float32', 'bfloat16', 'tf32'].indexOf(precision)

/** One row a measurement; ratios are to the fastest of the row, whatever its format. */
export function speedRows(measurements: readonly Measurement[], columns: readonly SpeedColumn[]): SpeedRow[] {
  return measurements.map(measurement => {
    const fastest = Math.max(...measurement.speeds.map(({ stepsPerSecond }) => stepsPerSecond ?? 0))
    const cells = columns.map(({ key }): SpeedCell => {
      const speed = measurement.speeds.find(entry => keyOf(entry) === key)
      if (speed === undefined) return { kind: 'none' }
      if (speed.stepsPerSecond === null) return { kind: 'failed', reason: speed.reason ?? 'no reason given' }
      return {
        kind: 'speed',
        stepsPerSecond: speed.stepsPerSecond,
        ratio: fastest > 0 ? speed.stepsPerSecond / fastest : 1,
        ...(speed.execution && { execution: speed.execution })
      }
    })
    return { measurement, cells }
  })
}
