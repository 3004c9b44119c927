import type { ConfigField } from '../../src-preload/contract/algorithms.ts'

export type Config = Readonly<Record<string, unknown>>

/** Sections in the order of a form, with what each holds. */
export const sections = [
  { id: 'algorithm', title: 'Algorithm', text: 'What the paper calls its parameters' },
  { id: 'training', title: 'Training', text: 'Steps, batches, learning rates' },
  { id: 'network', title: 'Networks', text: 'Size and regularisation' },
  { id: 'data', title: 'Data', text: 'Normalisation, rewards, held-out episodes' },
  { id: 'evaluation', title: 'Evaluation', text: 'Rollouts in the environment, logging' }
] as const

/** The config with the fields' defaults under what is set. */
export const withDefaults = (fields: readonly ConfigField[], config: Config): Config => ({
  ...Object.fromEntries(fields.map(field => [field.name, field.default])),
  ...config
})

/** True where a field has a meaning: the field it depends on has the wanted value, and is itself shown. */
export function isShown(field: ConfigField, fields: readonly ConfigField[], config: Config): boolean {
  if (field.when === null) return true
  const { field: name, value } = field.when
  const parent = fields.find(candidate => candidate.name === name)
  const wanted = Array.isArray(value) ? value.includes(config[name]) : config[name] === value
  return wanted && (parent === undefined || isShown(parent, fields, config))
}

/** The text of a value in its input. */
export function fieldText(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

/** The value that a text stands for; a text that is no number stays a text, which the check then names. */
export function parseField(field: ConfigField, text: string): unknown {
  const trimmed = text.trim()
  if (field.kind === 'numbers') {
    const parts = trimmed.split(/[\s,;x×]+/).filter(Boolean)
    return parts.every(part => Number.isFinite(Number(part))) ? parts.map(Number) : trimmed
  }
  if (field.kind === 'number' || field.kind === 'integer') {
    return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed
  }
  return text
}

const rangeText = (field: ConfigField): string => {
  const parts = [
    field.minimum === null ? '' : `${field.exclusiveMinimum ? 'more than' : 'at least'} ${field.minimum}`,
    field.maximum === null ? '' : `${field.exclusiveMaximum ? 'less than' : 'at most'} ${field.maximum}`
  ].filter(Boolean)
  return parts.join(' and ')
}

const isInside = (field: ConfigField, value: number): boolean =>
  (field.minimum === null || (field.exclusiveMinimum ? value > field.minimum : value >= field.minimum)) &&
  (field.maximum === null || (field.exclusiveMaximum ? value < field.maximum : value <= field.maximum))

/** What is wrong with a value, in one sentence beside its field; null when nothing is. The host checks again. */
export function fieldProblem(field: ConfigField, value: unknown): string | null {
  if (field.kind === 'numbers') {
    if (!Array.isArray(value) || value.length === 0)
      return 'Write numbers separated by commas, such as 256, 256.'
    const wrong = (value as number[]).find(part => !isInside(field, part))
    return wrong === undefined ? null : `Each must be ${rangeText(field)}; ${wrong} is not.`
  }
  if (field.kind !== 'number' && field.kind !== 'integer') return null
  if (typeof value !== 'number')
    return value === '' ? 'Write a number.' : `“${fieldText(value)}” is not a number.`
  if (field.kind === 'integer' && !Number.isInteger(value)) return 'Write a whole number.'
  return isInside(field, value) ? null : `Must be ${rangeText(field)}.`
}

/** True when two values of a field are the same setting. */
export const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Names of shown fields whose value differs from the starting point. */
export const changedFields = (
  fields: readonly ConfigField[],
  config: Config,
  start: Config
): readonly string[] =>
  fields
    .filter(field => isShown(field, fields, config) && !sameValue(config[field.name], start[field.name]))
    .map(field => field.name)

/** Problems by field name: those found here first, then the host's. */
export function problemsByField(
  fields: readonly ConfigField[],
  config: Config,
  fromHost: readonly { readonly field: string | null; readonly text: string }[]
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { field, text } of fromHost) if (field !== null) found.set(field.split('.')[0] ?? field, text)
  for (const field of fields) {
    if (!isShown(field, fields, config)) continue
    const problem = fieldProblem(field, config[field.name])
    if (problem !== null) found.set(field.name, problem)
  }
  return found
}
