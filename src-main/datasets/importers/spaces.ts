/** Gymnasium spaces as Minari writes them (JSON text), flattened to rows of numbers. */
import { z } from 'zod'
import { UserError } from '../../base/errors.ts'
import { sizeOf } from '../../base/tensors.ts'
import type { FileActions } from './importer.ts'

export type Space =
  | {
      readonly type: 'Box'
      readonly dtype: string
      readonly shape: readonly number[]
      readonly low: readonly number[]
      readonly high: readonly number[]
    }
  | { readonly type: 'Discrete'; readonly n: number; readonly start: number }
  | { readonly type: 'Dict'; readonly subspaces: readonly (readonly [string, Space])[] }
  | { readonly type: 'other'; readonly name: string }

/** A leaf of an observation: where it lies in the file and how it becomes numbers. */
export interface Leaf {
  /** Keys from the root of the observation; empty when it is no Dict. */
  readonly keys: readonly string[]
  /** Numbers a step in the file. */
  readonly stored: number
  /** A discrete observation becomes one-hot: `n` numbers, `start` is the smallest. */
  readonly discrete: { readonly n: number; readonly start: number } | null
}

export const leafName = (leaf: Leaf): string => leaf.keys.join('/')
export const leafSize = (leaf: Leaf): number => leaf.discrete?.n ?? leaf.stored

const maximumOneHot = 10_000

/** Parses JSON that Python wrote: `Infinity`, `-Infinity` and `NaN` stand bare in it. @throws UserError('invalid-file') */
export function parsePythonJson(text: string, where: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, token =>
    token.startsWith('"') ? token : `"#${token}"`
  )
  try {
    return JSON.parse(marked, (_key, value: unknown) =>
      typeof value === 'string' && /^#(-?Infinity|NaN)$/.test(value) ? Number(value.slice(1)) : value
    )
  } catch {
    throw new UserError('invalid-file', `${where} is not JSON`)
  }
}

const boxSchema = z.object({
  dtype: z.string().default('float32'),
  shape: z.array(z.int().nonnegative()),
  low: z.unknown(),
  high: z.unknown()
})
const discreteSchema = z.object({ n: z.int().positive(), start: z.int().default(0) })

/** A space from its JSON value; depth is limited because files are not trusted. */
export function parseSpace(value: unknown, where: string, depth = 0): Space {
  const type = (value as { type?: unknown } | null)?.type
  if (typeof type !== 'string' || depth > 8)
    throw new UserError('invalid-file', `${where} of metadata.json does not describe a space`)
  if (type === 'Discrete') {
    const { n, start } = checked(discreteSchema, value, where)
    return { type: 'Discrete', n, start }
  }
  if (type === 'Box') {
    const { dtype, shape, low, high } = checked(boxSchema, value, where)
    return {
      type: 'Box',
      dtype,
      shape,
      low: bounds(low, sizeOf(shape), -Infinity),
      high: bounds(high, sizeOf(shape), Infinity)
    }
  }
  if (type === 'Dict') return { type, subspaces: subspacesOf(value, where, depth) }
  return { type: 'other', name: type }
}

function subspacesOf(value: unknown, where: string, depth: number): (readonly [string, Space])[] {
  const { subspaces } = value as { subspaces?: unknown }
  if (typeof subspaces !== 'object' || subspaces === null)
    throw new UserError('invalid-file', `${where} is a Dict without subspaces`)
  return Object.entries(subspaces).map(
    ([key, inner]) => [key, parseSpace(inner, `${where} key ${key}`, depth + 1)] as const
  )
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new UserError(
    'invalid-file',
    `${where} of metadata.json is malformed: ${parsed.error.issues[0].message}`
  )
}

/** Bounds come as one number for all components or nested like the shape; what is missing is unbounded. */
function bounds(value: unknown, size: number, missing: number): number[] {
  const list = (Array.isArray(value) ? (value as unknown[]).flat(8) : [value]).map(Number)
  const spread = list.length === 1 ? new Array<number>(Math.min(size, 1_000_000)).fill(list[0]) : list
  return Array.from({ length: Math.min(size, 1_000_000) }, (_, i) =>
    spread[i] === undefined || Number.isNaN(spread[i]) ? missing : spread[i]
  )
}

/** The leaves of an observation space in listed order. @throws UserError('unsupported') for images and spaces that are not numbers */
export function leavesOf(space: Space, keys: readonly string[] = []): Leaf[] {
  const name = keys.length === 0 ? 'the observation space' : `observation ${keys.join('/')}`
  if (space.type === 'Dict') return space.subspaces.flatMap(([key, inner]) => leavesOf(inner, [...keys, key]))
  if (space.type === 'other')
    throw new UserError(
      'unsupported',
      `${name} is a ${space.name} space; Box, Discrete and Dict of these are supported`
    )
  if (space.type === 'Discrete') {
    if (space.n > maximumOneHot)
      throw new UserError(
        'unsupported',
        `${name} has ${space.n} discrete values; up to ${maximumOneHot} are supported`
      )
    return [{ keys, stored: 1, discrete: { n: space.n, start: space.start } }]
  }
  if (isImage(space))
    throw new UserError(
      'unsupported',
      `${name} is an image of shape [${space.shape.join(', ')}]; images are not supported`
    )
  return [{ keys, stored: sizeOf(space.shape), discrete: null }]
}

const isImage = (space: Space & { type: 'Box' }): boolean =>
  space.dtype === 'uint8' && space.shape.length >= 2 && space.shape[0] >= 32 && space.shape[1] >= 32

/** Actions of a space. @throws UserError('unsupported') */
export function actionsOf(space: Space): { readonly actions: FileActions; readonly size: number } {
  if (space.type === 'Discrete')
    return { actions: { kind: 'discrete', count: space.n, start: space.start }, size: 1 }
  if (space.type !== 'Box') {
    const name = space.type === 'other' ? space.name : space.type
    throw new UserError('unsupported', `the action space is a ${name} space; Box and Discrete are supported`)
  }
  const bounded = [...space.low, ...space.high].every(Number.isFinite)
  const { low, high } = space
  return {
    actions: { kind: 'continuous', low: bounded ? low : null, high: bounded ? high : null },
    size: sizeOf(space.shape)
  }
}

/** One-hot rows of a discrete leaf, or the numbers as they are. @throws UserError('invalid-file') for a value outside the space */
export function expandLeaf(leaf: Leaf, values: Float32Array): Float32Array {
  if (leaf.discrete === null) return values
  const { n, start } = leaf.discrete
  const rows = new Float32Array(values.length * n)
  for (let row = 0; row < values.length; row++) {
    const index = values[row] - start
    if (!Number.isInteger(index) || index < 0 || index >= n) {
      throw new UserError(
        'invalid-file',
        `observation ${leafName(leaf)} holds ${values[row]}, outside the ${n} values from ${start}`
      )
    }
    rows[row * n + index] = 1
  }
  return rows
}
