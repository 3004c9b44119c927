import { UserError } from '../../base/errors.ts'
import { info, type Problem } from './importer.ts'

type Wide = Float64Array | Float32Array

/** Magnitudes below are subnormal in single precision: their relative error says nothing. */
const smallestNormal = 2 ** -126
const largest = 3.4028234663852886e38

/**
 * Datasets keep numbers in single precision. What a file holds wider passes through here, so that the report can say what it cost;
 * one instance a file.
 */
export class Narrowing {
  /** Largest relative error by column. */
  readonly #errors = new Map<string, number>()

  /**
   * Values in single precision; those of a file that has them so are handed on as they are.
   * @param column name of the column in the file, for people
   * @throws UserError('invalid-file') for a finite number beyond single precision, which would become an infinity
   */
  take(values: Wide, column: string): Float32Array {
    if (values instanceof Float32Array) return values
    const out = Float32Array.from(values)
    let error = this.#errors.get(column) ?? 0
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (out[i] === value || Number.isNaN(value)) continue
      if (!Number.isFinite(out[i])) throw tooLarge(value, column)
      error = Math.max(error, Math.abs(out[i] - value) / Math.max(Math.abs(value), smallestNormal))
    }
    this.#errors.set(column, error)
    return out
  }

  /** The sentence for the report; none where nothing was lost. */
  get problems(): Problem[] {
    const lost = [...this.#errors].filter(([, error]) => error > 0).sort(([, a], [, b]) => b - a)
    if (lost.length === 0) return []
    const [[column, error]] = lost
    const names = lost.map(([name]) => name).sort()
    const shown = names.length > 4 ? [...names.slice(0, 4), `${names.length - 4} more`] : names
    const most = `a relative error of at most ${error.toExponential(1)}`
    return [
      info(
        `single precision keeps ${listed(shown)} with ${most}${names.length > 1 ? `, the largest in ${column}` : ''}`
      )
    ]
  }
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** The refusal of a number that single precision cannot hold. */
export const tooLarge = (value: number, where: string): UserError =>
  new UserError(
    'invalid-file',
    `${where} holds ${value}; numbers beyond ${largest.toPrecision(3)} cannot be kept in single precision, so scale the data first`
  )
