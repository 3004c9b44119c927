/** Recorded simulator states (`qpos`, `qvel`) of a dataset: `states.safetensors` beside its columns, only where there are any. */
import { join } from 'node:path'
import { messageOf } from '../base/errors.ts'
import { readSafetensors, type StoredTensors } from '../base/safetensors.ts'
import { corrupt } from './corrupt.ts'
import type { DatasetManifest, Episode, RobotStates } from './dataset.ts'

export const statesFile = 'states.safetensors'

/** The tensors of the states file. */
export function encodeStates(states: RobotStates): StoredTensors {
  const { positions, positionSize, velocities, velocitySize } = states
  return {
    qpos: { shape: [positions.length / positionSize, positionSize], data: positions },
    qvel: { shape: [velocities.length / velocitySize, velocitySize], data: velocities }
  }
}

/** The states of a dataset folder; undefined where it has none. @throws UserError('dataset-corrupt') */
export async function readStates(
  folder: string,
  manifest: Pick<DatasetManifest, 'files'>
): Promise<RobotStates | undefined> {
  if (!(statesFile in manifest.files)) return undefined
  const file = await readSafetensors(join(folder, statesFile)).catch((error: unknown) => {
    throw corrupt(folder, `${statesFile} cannot be read: ${messageOf(error)}`)
  })
  if (file.sha256 !== manifest.files[statesFile])
    throw corrupt(folder, `${statesFile} has another SHA-256 than when it was written`)
  const { qpos, qvel } = file.tensors
  return {
    positionSize: qpos.shape[1],
    velocitySize: qvel.shape[1],
    positions: qpos.data as RobotStates['positions'],
    velocities: qvel.data as RobotStates['velocities']
  }
}

/** States of one episode, [T + 1, size] each. */
export interface EpisodeStates {
  readonly positions: Float32Array | Float64Array
  readonly velocities: Float32Array | Float64Array
}

/** The states of one episode of a dataset. */
export function statesOf(states: RobotStates, { firstObservation, length }: Episode): EpisodeStates {
  const rows = (values: Float32Array | Float64Array, size: number) =>
    values.subarray(firstObservation * size, (firstObservation + length + 1) * size)
  return {
    positions: rows(states.positions, states.positionSize),
    velocities: rows(states.velocities, states.velocitySize)
  }
}

/** States of episodes in order as one; float64 where any of them is. Undefined of none. */
export function joinStates(
  episodes: readonly EpisodeStates[],
  sizes: Pick<RobotStates, 'positionSize' | 'velocitySize'>
): RobotStates | undefined {
  if (episodes.length === 0) return undefined
  return {
    ...sizes,
    positions: joined(episodes.map(one => one.positions)),
    velocities: joined(episodes.map(one => one.velocities))
  }
}

function joined(parts: readonly (Float32Array | Float64Array)[]): Float32Array | Float64Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const whole = parts.some(part => part instanceof Float64Array)
    ? new Float64Array(length)
    : new Float32Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
