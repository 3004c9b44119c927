import { readFile } from 'node:fs/promises'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { messageOf, UserError } from '../base/errors.ts'
import { writeFileAtomic } from '../base/files.ts'
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensors,
  type TensorArray
} from '../base/safetensors.ts'
import type { KeptRollout } from '../evaluation/rollouts.ts'

const metadataSchema = z.object({
  environmentId: z.string(),
  step: z.coerce.number(),
  episode: z.coerce.number(),
  return: z.coerce.number(),
  outcome: z.string()
})

/** A rollout as it lies in its file; arrays are row-major. */
export interface StoredRollout {
  readonly environmentId: string
  readonly step: number
  readonly episode: number
  readonly return: number
  readonly outcome: string
  /** [T + 1, observation size] float32, as the environment gave them */
  readonly observations: StoredTensors[string]
  /** [T, action size] float32, or [T] int32 */
  readonly actions: StoredTensors[string]
  /** [T] float64 */
  readonly rewards: StoredTensors[string]
  /** [T] float32; null for algorithms without */
  readonly q: StoredTensors[string] | null
  readonly v: StoredTensors[string] | null
}

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
    ...(v && { v: line(v) })
  }
  const { environmentId, step } = place
  const texts = { environmentId, step: `${step}`, episode: `${rollout.episode}`, return: `${rollout.return}` }
  await mkdir(dirname(path), { recursive: true })
  await writeFileAtomic(path, encodeSafetensors(tensors, { ...texts, outcome: rollout.outcome }))
}

/**
 * Reads one kept episode.
 * @throws UserError('not-found') when the file is absent or not a rollout
 */
export async function readRollout(path: string): Promise<StoredRollout> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readFile(path))
    const { observations, actions, rewards, q, v } = tensors
    const parsed = metadataSchema.omit({ return: true }).parse(metadata)
    return {
      ...parsed,
      return: Number(metadata.return),
      observations,
      actions,
      rewards,
      q: q ?? null,
      v: v ?? null
    }
  } catch (error) {
    throw new UserError('not-found', `this rollout cannot be read: ${messageOf(error)}`, { path })
  }
}
