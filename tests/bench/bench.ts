import { availableParallelism } from 'node:os'
import { engineEntries, type Field } from './entries.ts'
import type { Entry } from './contestants.ts'
import type { Table } from './figures.ts'
import type { Team } from './measure.ts'
import type { BenchOptions, Size } from './options.ts'

/** What every section works with. */
export interface Bench {
  readonly options: BenchOptions
  readonly field: Field
  readonly cores: number
  /** Null while there is time; else why nothing new is started. */
  readonly outOfTime: () => string | null
  /** Tells a person what goes on. */
  readonly say: (text: string) => void
}

/** A part of the benchmark. */
export type Section = (bench: Bench) => Promise<readonly Table[]>

/** One run on all cores, and as many runs as cores on one thread each. */
export function teamsOf(cores: number = availableParallelism()): Team[] {
  const alone = { runs: 1, threads: cores }
  return cores > 1 ? [alone, { runs: cores, threads: 1 }] : [alone]
}

/** The size of the published comparisons. */
export const usualSize: Size = { hidden: [256, 256], batchSize: 256 }

/** Compiled engines on the usual size of an algorithm. */
export const usualEntries = ({ field }: Bench, algorithm = 'iql'): Entry[] =>
  engineEntries(field, { algorithm, ...usualSize }, false)

/** `onnx`, or `tensorflow bfloat16`. */
export const entryName = ({ engine, precision }: { engine: string; precision: string }): string =>
  precision === 'float32' ? engine : `${engine} ${precision}`
