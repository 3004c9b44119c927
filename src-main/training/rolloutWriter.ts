import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFileAtomic } from '../base/files.ts'
import { encodeSafetensors, type TensorArray } from '../base/safetensors.ts'
import type { KeptRollout } from '../evaluation/rollouts.ts'

/** Name of a rollout's file in the run's `rollouts/` folder. */
export const rolloutFileName = (step: number, episode: number): string =>
  `step-${String(step).padStart(9, '0')}-episode-${String(episode).padStart(3, '0')}.safetensors`

/** Writes one kept episode, whole or not at all. */
export async function writeRollout(
  path: string,
  place: { readonly environmentId: string; readonly step: number; readonly discrete: boolean },
  rollout: KeptRollout
): Promise<void> {
  const rows = (data: TensorArray, count: number) => ({ shape: [count, data.length / count], data })
  const line = (data: TensorArray) => ({ shape: [data.length], data })
  const { length, rewards, q, v } = rollout
  const tensors = {
    observations: rows(rollout.observations, length + 1),
    actions: place.discrete ? line(Int32Array.from(rollout.actions)) : rows(rollout.actions, length),
    rewards: line(rewards),
    ...(q && { q: line(q) }),
    ...(v && { v: line(v) }),
    ...(rollout.positions && { positions: rows(rollout.positions, length + 1) })
  }
  const { environmentId, step } = place
  const texts = { environmentId, step: `${step}`, episode: `${rollout.episode}`, return: `${rollout.return}` }
  await mkdir(dirname(path), { recursive: true })
  await writeFileAtomic(path, encodeSafetensors(tensors, { ...texts, outcome: rollout.outcome }))
}
