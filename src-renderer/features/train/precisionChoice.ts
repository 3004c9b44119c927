import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import { precisionProblem, precisionTexts, type Precision } from '../../../src-preload/contract/precision.ts'

/** Engines that a run may get: the one of this id, or every usable one for `auto`. */
export const candidatesOf = (engine: string, engines: readonly EngineInfo[]): readonly EngineInfo[] =>
  engines.filter(({ id, available }) => available && (engine === 'auto' || engine === id))

/**
 * Why none of the engines computes in a format here; null when one does. Engines that know the format and lack its hardware say
 * why; where none knows it, that is said.
 */
export function whyNot(format: Precision, engines: readonly EngineInfo[]): string | null {
  const problems = engines.map(({ title, precisions }) => ({
    title,
    problem: precisionProblem(format, precisions),
    known: precisions?.some(({ precision }) => precision === format) === true
  }))
  if (format === 'float32' || problems.some(({ problem }) => problem === null)) return null
  const known = problems.filter(entry => entry.known)
  if (known.length > 0) return known.map(({ title, problem }) => `${title}: ${problem}`).join('; ')
  const { title } = precisionTexts[format]
  return engines.length === 1 ? `${engines[0]!.title} has no ${title}.` : `No engine here has ${title}.`
}
