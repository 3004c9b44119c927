import { z } from 'zod'
import type { ConfigField } from '../../src-preload/contract/algorithms.ts'
import { invariant } from '../base/errors.ts'
import type { FieldMeta } from './config.ts'

/** The parts of a JSON schema that a field can have; metadata of the registry lies beside them. */
interface JsonField extends Partial<FieldMeta> {
  readonly description?: string
  readonly type?: string
  readonly enum?: readonly string[]
  readonly items?: JsonField
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
}

/**
 * The form of a configuration: one entry per field, in the schema's order, with the docstrings of the code.
 * @param schema an object schema whose fields were made by `field`
 * @throws invariant if a field lacks title, section or docstring
 */
export function configFields(schema: z.ZodType): ConfigField[] {
  const json = z.toJSONSchema(schema, { io: 'input' }) as { properties?: Record<string, JsonField> }
  return Object.entries(json.properties ?? {}).map(([name, entry]) => configField(name, entry))
}

function configField(name: string, entry: JsonField): ConfigField {
  const { title, section, description } = entry
  invariant(title && section && description, `config field ${name} needs a title, a section and a docstring`)
  const number = entry.items ?? entry
  return {
    name,
    title,
    description,
    kind: kindOf(name, entry),
    default: entry.default,
    minimum: bound(number.exclusiveMinimum ?? number.minimum),
    maximum: bound(number.exclusiveMaximum ?? number.maximum),
    exclusiveMinimum: number.exclusiveMinimum !== undefined,
    exclusiveMaximum: number.exclusiveMaximum !== undefined,
    choices: (entry.enum ?? []).map(value => ({ value, label: entry.labels?.[value] ?? value })),
    unit: entry.unit ?? null,
    section,
    when: entry.when ?? null
  }
}

function kindOf(name: string, entry: JsonField): ConfigField['kind'] {
  if (entry.enum) return 'choice'
  if (entry.type === 'array') return 'numbers'
  if (entry.type === 'boolean' || entry.type === 'integer' || entry.type === 'number') return entry.type
  throw new Error(`invariant: config field ${name} has a type that no form shows (${String(entry.type)})`)
}

/** zod bounds integers by the safe range; a form should not show that as a limit. */
function bound(value: number | undefined): number | null {
  return value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value
}
