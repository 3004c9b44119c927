import type { z } from 'zod'
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
  const result = algorithm.schema.safeParse(input, { reportInput: true })
  if (!result.success) return { config: null, problems: result.error.issues.map(problemOf) }
  const unknown = Object.keys(input).filter(name => !(name in result.data))
  return {
    config: result.data,
    problems: unknown.map(field => ({ field, text: `${algorithm.title} has no setting named ${field}` }))
  }
}

type Issue = z.core.$ZodIssue

function problemOf(issue: Issue): ConfigProblem {
  return { field: issue.path.length > 0 ? String(issue.path[0]) : null, text: textOf(issue) }
}

/** The rule that was broken and the value that broke it. */
function textOf(issue: Issue): string {
  const given = `, not ${JSON.stringify(issue.input) ?? String(issue.input)}`
  const items = 'origin' in issue && issue.origin === 'array' ? ' entries' : ''
  switch (issue.code) {
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}${items}${given}`
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}${items}${given}`
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}${given}`
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}${given}`
    default:
      return issue.message
  }
}

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list of numbers'
}
