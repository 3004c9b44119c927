import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { messageOf, UserError } from '../base/errors.ts'
import { decodeSafetensors, type StoredTensors } from '../base/safetensors.ts'

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
  /** `qpos` [T + 1, nq] float32 of a simulated robot */
  readonly positions: StoredTensors[string] | null
}

/**
 * Reads one kept episode.
 * @throws UserError('not-found') when the file is absent or not a rollout
 */
export async function readRollout(path: string): Promise<StoredRollout> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readFile(path))
    const { observations, actions, rewards, q, v, positions } = tensors
    const parsed = metadataSchema.omit({ return: true }).parse(metadata)
    return {
      ...parsed,
      return: Number(metadata.return),
      observations,
      actions,
      rewards,
      q: q ?? null,
      v: v ?? null,
      positions: positions ?? null
    }
  } catch (error) {
    throw new UserError('not-found', `this rollout cannot be read: ${messageOf(error)}`, { path })
  }
}
