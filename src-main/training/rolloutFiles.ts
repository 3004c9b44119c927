import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { messageOf, UserError } from '../base/errors.ts'
import { decodeSafetensors, type StoredTensors } from '../base/safetensors.ts'
import type { Environment } from '../environments/environment.ts'
import { environmentById } from '../environments/index.ts'
import { observationsOf } from './rolloutObservations.ts'
import { rolloutFormat } from './rolloutWriter.ts'

const metadataSchema = z.object({
  formatVersion: z.coerce.number().default(1),
  environmentId: z.string(),
  step: z.coerce.number(),
  episode: z.coerce.number(),
  outcome: z.string()
})

interface Column<A> {
  readonly shape: readonly number[]
  readonly data: A
}

/** A rollout as it lies in its file; arrays are row-major. */
export interface StoredRollout {
  readonly environmentId: string
  readonly step: number
  readonly episode: number
  readonly return: number
  readonly outcome: string
  /**
   * [T + 1, observation size]; of a robot, as they follow from its joints, with velocities and what is not of joints rounded to
   * half precision
   */
  readonly observations: Column<Float32Array>
  /** [T, action size] float32, or [T] int32 */
  readonly actions: Column<Float32Array | Int32Array>
  /** [T] */
  readonly rewards: Column<Float64Array>
  /** [T]; null for algorithms without */
  readonly q: Column<Float32Array> | null
  readonly v: Column<Float32Array> | null
  /** The advantage of the taken action, [T], and where it is from; null for algorithms without values. */
  readonly advantage: (Column<Float32Array> & { readonly from: 'q' | 'return' }) | null
  /** `qpos` [T + 1, nq] of a simulated robot */
  readonly positions: Column<Float32Array> | null
}

/**
 * Reads one kept episode, of this version's format or an older one.
 * @param environmentOf the environment of an id
 * @throws UserError('not-found') when the file is absent or not a rollout
 */
export async function readRollout(
  path: string,
  environmentOf: (id: string) => Environment | undefined = environmentById
): Promise<StoredRollout> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readFile(path))
    const { formatVersion, ...facts } = metadataSchema.parse(metadata)
    if (formatVersion > rolloutFormat) throw new Error('a newer version of the app wrote it')
    const of = <A>(name: string): Column<A> | null => (tensors[name] as Column<A> | undefined) ?? null
    const [q, v] = [of<Float32Array>('q'), of<Float32Array>('v')]
    const environment = environmentOf(facts.environmentId)
    return {
      ...facts,
      return: Number(metadata.return),
      observations: of<Float32Array>('observations') ?? shownObservations(tensors, environment),
      actions: needed(of<Float32Array | Int32Array>('actions'), 'actions'),
      rewards: needed(of<Float64Array>('rewards'), 'rewards'),
      ...{ q, v, advantage: advantageOf(q, v, of('returnAdvantage')), positions: of('positions') }
    }
  } catch (error) {
    throw new UserError('not-found', `this rollout cannot be read: ${messageOf(error)}`, { path })
  }
}

function needed<T>(value: T | null, name: string): T {
  if (value === null) throw new Error(`it has no ${name}`)
  return value
}

function advantageOf(
  q: Column<Float32Array> | null,
  v: Column<Float32Array> | null,
  returns: Column<Float32Array> | null
): StoredRollout['advantage'] {
  if (q && v) return { shape: q.shape, data: q.data.map((value, t) => value - v.data[t]), from: 'q' }
  return returns && { ...returns, from: 'return' }
}

/** The observations of a robot from its joints and from those numbers that had to be kept besides. */
function shownObservations(
  tensors: StoredTensors,
  environment: Environment | undefined
): Column<Float32Array> {
  const { positions, velocities, otherColumns, otherObservations } = tensors
  if (!positions || !velocities) throw new Error('it has no observations')
  if (!environment?.robot) throw new Error('its environment is not simulated here')
  const rows = positions.shape[0]
  const joints = { positions: positions.data as Float32Array, velocities: velocities.data as Float16Array }
  const width = environment.observationSize
  const data = observationsOf(environment, joints, rows)
  const columns = otherColumns?.data ?? []
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < columns.length; i++)
      data[row * width + columns[i]] = otherObservations.data[row * columns.length + i]
  return { shape: [rows, width], data }
}
