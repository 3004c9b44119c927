import type { Algorithm } from './algorithm.ts'
import type { SharedConfig } from './config.ts'

/** One thing wrong with a configuration; `field` is null when it concerns several. */
export interface ConfigProblem {
  readonly field: string | null
  readonly text: string
}

/**
 * Checks a configuration, unknown fields included.
 * @returns the configuration with defaults filled in, or null, and the problems field by field
 */
export function checkConfig(
  algorithm: Algorithm,
  input: Readonly<Record<string, unknown>>
): { config: SharedConfig | null; problems: readonly ConfigProblem[] } {
  const result = algorithm.schema.safeParse(input)
  if (!result.success) return { config: null, problems: result.error.issues.map(problemOf) }
  const unknown = Object.keys(input).filter(name => !(name in result.data))
  return {
    config: result.data,
    problems: unknown.map(field => ({ field, text: `${algorithm.title} has no setting named ${field}` }))
  }
}

function problemOf(issue: {
  readonly path: readonly PropertyKey[]
  readonly message: string
}): ConfigProblem {
  return { field: issue.path.length > 0 ? String(issue.path[0]) : null, text: issue.message }
}
