import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import type { EpisodeGoal } from '../../src-preload/contract/evaluations.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { decodeSafetensors } from '../base/safetensors.ts'
import { actionWidth, type Environment } from '../environments/environment.ts'
import { environmentById } from '../environments/index.ts'
import { observationsOf } from './rolloutObservations.ts'
import { RolloutTensors, type Column } from './rolloutTensors.ts'
import { rolloutFormat } from './rolloutWriter.ts'

const whole = z.coerce.number().int().nonnegative()
const metadataSchema = z.object({
  formatVersion: whole.default(1),
  environmentId: z.string().max(100),
  step: whole,
  episode: whole,
  return: z.string().max(100),
  outcome: z.string().max(100)
})

/** More than fits into an answer of the contract, whatever it holds. */
const mostBytes = 4 << 20

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
  /** The episode's own goal; null where it recorded none. */
  readonly goal: EpisodeGoal | null
}

/**
 * Reads one kept episode, of this version's format or an older one. What it gives is whole: every tensor has the type and shape
 * that the others and the environment ask for.
 * @param environmentOf the environment of an id
 * @throws UserError('not-found') with one sentence when the file is absent or not a rollout
 */
export async function readRollout(
  path: string,
  environmentOf: (id: string) => Environment | undefined = environmentById
): Promise<StoredRollout> {
  try {
    return decodeRollout(await bytesOf(path), environmentOf)
  } catch (error) {
    throw new UserError('not-found', `this rollout cannot be read: ${messageOf(error)}`, { path })
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => null)
  if (found === null) throw new Error('its file is gone')
  if (!found.isFile()) throw new Error('something else than a file is in its place')
  if (found.size > mostBytes)
    throw new Error(`its file has ${found.size} bytes, more than the ${mostBytes} of any rollout`)
  return readFile(path)
}

function factsOf(metadata: unknown): z.infer<typeof metadataSchema> {
  const parsed = metadataSchema.safeParse(metadata)
  if (!parsed.success) {
    const name = parsed.error.issues[0]?.path.join('.')
    throw new Error(name ? `its ${name} is missing or wrong` : 'it does not say what it is of')
  }
  if (parsed.data.formatVersion > rolloutFormat) throw new Error('a newer version of the app wrote it')
  return parsed.data
}

function decodeRollout(
  bytes: Uint8Array,
  environmentOf: (id: string) => Environment | undefined
): StoredRollout {
  const decoded = decodeSafetensors(bytes)
  const { environmentId, step, episode, outcome, return: total } = factsOf(decoded.metadata)
  const environment = environmentOf(environmentId)
  const tensors = new RolloutTensors(decoded.tensors)
  const rewards = tensors.need('rewards', [Float64Array], [null])
  const length = rewards.data.length
  const discrete = environment?.actions.kind === 'discrete' || tensors.hasShape('actions', 1)
  const line = (name: string) => tensors.find(name, [Float32Array], [length])
  const [q, v] = [line('q'), line('v')]
  const positionSize = environment?.robot?.positionSize ?? null
  return {
    ...{ environmentId, step, episode, outcome, return: Number(total), rewards, q, v },
    observations: observationsIn(tensors, length, environment),
    actions: discrete
      ? tensors.need('actions', [Int32Array], [length])
      : tensors.need('actions', [Float32Array], [length, environment ? actionWidth(environment) : null]),
    advantage: advantageOf(q, v, line('returnAdvantage')),
    positions: tensors.find('positions', [Float32Array], [length + 1, positionSize]),
    goal: goalIn(tensors)
  }
}

function observationsIn(
  tensors: RolloutTensors,
  length: number,
  environment: Environment | undefined
): Column<Float32Array> {
  const shape = [length + 1, environment?.observationSize ?? null]
  return (
    tensors.find('observations', [Float32Array], shape) ?? shownObservations(tensors, length, environment)
  )
}

function advantageOf(
  q: Column<Float32Array> | null,
  v: Column<Float32Array> | null,
  returns: Column<Float32Array> | null
): StoredRollout['advantage'] {
  if (q && v) return { shape: q.shape, data: q.data.map((value, t) => value - v.data[t]), from: 'q' }
  return returns && { ...returns, from: 'return' }
}

function goalIn(tensors: RolloutTensors): EpisodeGoal | null {
  const found = tensors.find('goal', [Float64Array], [3])
  if (found === null) return null
  const [x, y, radius] = found.data
  if (!found.data.every(Number.isFinite) || radius <= 0)
    throw new Error(`its goal is at (${x}, ${y}) within ${radius}, which is no place`)
  return { x, y, radius }
}

/** The observations of a robot from its joints and from those numbers that had to be kept besides. */
function shownObservations(
  tensors: RolloutTensors,
  length: number,
  environment: Environment | undefined
): Column<Float32Array> {
  if (!tensors.has('positions') || !tensors.has('velocities')) throw new Error('it has no observations')
  if (!environment?.robot) throw new Error('its environment is not simulated here')
  const { positionSize, velocitySize } = environment.robot
  const [rows, width] = [length + 1, environment.observationSize]
  const joints = {
    positions: tensors.need('positions', [Float32Array], [rows, positionSize]).data,
    velocities: tensors.need('velocities', [Float16Array], [rows, velocitySize]).data
  }
  const data = observationsOf(environment, joints, rows)
  const columns = tensors.find('otherColumns', [Int32Array], [null])?.data
  if (columns === undefined) return { shape: [rows, width], data }
  const odd = columns.find(column => column < 0 || column >= width)
  if (odd !== undefined) throw new Error(`its otherColumns name number ${odd} of ${width}`)
  const others = tensors.need<Float16Array | Float32Array>(
    'otherObservations',
    [Float16Array, Float32Array],
    [rows, columns.length]
  ).data
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < columns.length; i++) data[row * width + columns[i]] = others[row * columns.length + i]
  return { shape: [rows, width], data }
}
