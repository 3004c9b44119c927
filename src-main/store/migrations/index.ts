import { first } from './0001-first.ts'
import { precision } from './0002-precision.ts'

/** One step of the schema. A released migration is never edited: a change is the next number. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly schema: string
}

/** All migrations, numbered from 1 without a gap. */
export const migrations: readonly Migration[] = [first, precision]
