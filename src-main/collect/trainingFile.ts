/** What a training goes on from: `training.safetensors`, written after each checkpoint and gone at the end. */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { learner } from '../../src-preload/contract/collect.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { sweepTemporaries, writeFileAtomic } from '../base/files.ts'
import { decodeSafetensors, encodeSafetensors } from '../base/safetensors.ts'
import type { StoredTensors } from '../base/safetensors.ts'
import { sumsFromMoments } from '../nn/adam.ts'
import { damaged } from './damage.ts'

const fileName = 'training.safetensors'

const whole = z.coerce.number().int().nonnegative()
const header = z.object({
  learner,
  environmentId: z.string(),
  seed: whole,
  /** Environment steps asked for, and between two checkpoints. */
  steps: whole,
  checkpointEvery: whole,
  /** The learner's settings, so that defaults of another version change nothing. */
  settings: z.string(),
  /** Environment steps lived. */
  lived: whole,
  /** `true` where the last checkpoint is one that only a stop wrote. */
  early: z.enum(['true', 'false'])
})
export type TrainingHeader = z.infer<typeof header>

export interface SavedTraining {
  readonly header: TrainingHeader
  readonly tensors: StoredTensors
}

/** Whether a folder has one. */
export const hasTraining = (folder: string): Promise<boolean> =>
  stat(join(folder, fileName)).then(
    () => true,
    () => false
  )

/** Writes it, whole or not at all. */
export async function writeTraining(folder: string, saved: SavedTraining): Promise<void> {
  const texts = Object.fromEntries(Object.entries(saved.header).map(([name, value]) => [name, String(value)]))
  await writeFileAtomic(join(folder, fileName), encodeSafetensors(saved.tensors, texts))
}

/** @throws UserError('not-found') without one, UserError('checkpoint-corrupt') when it is damaged */
export async function readTraining(folder: string): Promise<SavedTraining> {
  const bytes = await readFile(join(folder, fileName)).catch(() => null)
  if (bytes === null)
    throw new UserError(
      'not-found',
      'this training cannot go on: it ended before its first checkpoint, or as it should; remove it and train it again'
    )
  try {
    const { tensors, metadata } = decodeSafetensors(bytes)
    return { header: header.parse(metadata), tensors: sumsFromMoments(tensors) }
  } catch (error) {
    const what = error instanceof z.ZodError ? 'it is no state of a training' : messageOf(error)
    throw damaged(folder, fileName, what, 'remove the behaviour and train it again')
  }
}

export const removeTraining = (folder: string): Promise<void> => rm(join(folder, fileName), { force: true })

/** Deletes what a killed training wrote after the state that is left of it. */
export async function removeLater(folder: string, lived: number): Promise<void> {
  await sweepTemporaries(folder)
  for (const name of await readdir(folder)) {
    const [, steps] = /^(?:checkpoint|lived)-(\d+)\.safetensors$/.exec(name) ?? []
    if (Number(steps) > lived) await rm(join(folder, name))
  }
}
