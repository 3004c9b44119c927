import type { MeasuredSize } from '../../src-preload/contract/engines.ts'
import type { Execution } from '../../src-preload/contract/execution.ts'
import type { Precision } from '../../src-preload/contract/precision.ts'

/** The first message to a measuring process. */
export interface StartMeasuring {
  readonly kind: 'start'
  readonly engine: string
  readonly precision: Precision
  readonly size: MeasuredSize
}

export type ToMeasuring =
  | StartMeasuring
  /** Trains for about so many seconds. */
  | { readonly kind: 'window'; readonly seconds: number }

export type FromMeasuring =
  /** Compiled and warmed up. */
  | { readonly kind: 'ready'; readonly compileSeconds: number; readonly execution?: Execution }
  /** The answer to `window`. */
  | { readonly kind: 'speed'; readonly stepsPerSecond: number }
  | { readonly kind: 'failed'; readonly reason: string }
