import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileError, writeFileAtomic } from '../base/files.ts'
import { encodeSafetensors, type StoredTensors, type TensorArray } from '../base/safetensors.ts'
import { actionWidth, type Environment } from '../environments/environment.ts'
import type { KeptRollout } from '../evaluation/rollouts.ts'
import { observationsOf } from './rolloutObservations.ts'

/** Name of a rollout's file in the run's `rollouts/` folder. */
export const rolloutFileName = (step: number, episode: number): string =>
  `step-${String(step).padStart(9, '0')}-episode-${String(episode).padStart(3, '0')}.safetensors`

/** Files without it are of version 1, which kept all observations. */
export const rolloutFormat = 2

const rows = (data: TensorArray, count: number) => ({ shape: [count, data.length / count], data })
const line = (data: TensorArray) => ({ shape: [data.length], data })

/**
 * Writes one kept episode, whole or not at all; docs/formats/rollout.md describes the file.
 * @throws UserError('disk-full' | 'io-error')
 */
export async function writeRollout(
  path: string,
  environment: Environment,
  step: number,
  rollout: KeptRollout
): Promise<void> {
  const { length, rewards, q, v, returnAdvantage, goal } = rollout
  const discrete = environment.actions.kind === 'discrete'
  const tensors = {
    ...stateTensors(environment, rollout),
    actions: discrete
      ? line(Int32Array.from(rollout.actions))
      : { shape: [length, actionWidth(environment)], data: rollout.actions },
    rewards: line(rewards),
    ...(q && { q: line(q) }),
    ...(v && { v: line(v) }),
    ...(returnAdvantage && { returnAdvantage: line(returnAdvantage) }),
    ...(goal && { goal: line(Float64Array.of(goal.x, goal.y, goal.radius)) })
  }
  const texts = {
    ...{ formatVersion: `${rolloutFormat}`, environmentId: environment.id, step: `${step}` },
    ...{ episode: `${rollout.episode}`, return: `${rollout.return}`, outcome: rollout.outcome }
  }
  const folder = dirname(path)
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, 'create', folder)
  })
  await writeFileAtomic(path, encodeSafetensors(tensors, texts))
}

/**
 * What shows the states of an episode. A robot's observations mostly follow from its joints, so of them only those numbers are
 * kept that do not follow from what is written: contact forces, a target.
 */
function stateTensors(
  environment: Environment,
  { length, observations, positions, velocities }: KeptRollout
): StoredTensors {
  const count = length + 1
  if (positions === null || velocities === null || !environment.robot)
    return { observations: rows(observations, count) }
  const joints = { positions, velocities: Float16Array.from(velocities) }
  const rest = unshown(observations, observationsOf(environment, joints, count), environment.observationSize)
  const kept = pick(observations, rest, environment.observationSize)
  return {
    positions: rows(joints.positions, count),
    velocities: rows(joints.velocities, count),
    ...(rest.length > 0 && {
      otherColumns: line(Int32Array.from(rest)),
      otherObservations: rows(kept.every(fitsHalf) ? Float16Array.from(kept) : kept, count)
    })
  }
}

/** Columns of observations that those derived from the joints do not show up to the rounding of half precision. */
function unshown(actual: Float32Array, derived: Float32Array, width: number): number[] {
  const columns = new Set<number>()
  for (let i = 0; i < actual.length; i++) {
    const near = Math.abs(actual[i] - derived[i]) <= 1e-6 + 1e-3 * Math.abs(actual[i])
    if (!near) columns.add(i % width)
  }
  return [...columns].sort((a, b) => a - b)
}

function pick(values: Float32Array, columns: readonly number[], width: number): Float32Array {
  const picked = new Float32Array((values.length / width) * columns.length)
  for (let i = 0; i < picked.length; i++)
    picked[i] = values[Math.floor(i / columns.length) * width + columns[i % columns.length]]
  return picked
}

const largestHalf = 65504
const fitsHalf = (value: number): boolean => Math.abs(value) <= largestHalf
