import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { learner } from '../../src-preload/contract/collect.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { writeFileAtomic } from '../base/files.ts'
import {
  decodeSafetensors,
  encodeSafetensors,
  readElements,
  readSafetensorsHeader,
  SafetensorsError
} from '../base/safetensors.ts'
import { part, prefixed } from '../nn/parameters.ts'
import type { Behaviour } from './behaviour.ts'
import { damaged, withoutCheckpoint } from './damage.ts'
import { hostTensors } from './learning.ts'

const whole = z.coerce.number().int().nonnegative()
const header = z.object({ environmentId: z.string(), learner, seed: whole, steps: whole })

/** Who a checkpoint is of, and how it did: all of it but the networks. */
export type CheckpointSummary = Pick<Behaviour, 'environmentId' | 'learner' | 'seed' | 'steps' | 'returns'>

/** File of a checkpoint at a number of environment steps. */
export const checkpointName = (steps: number): string =>
  `checkpoint-${String(steps).padStart(9, '0')}.safetensors`
const isCheckpoint = (name: string): boolean => /^checkpoint-\d{9,}\.safetensors$/.test(name)
const needed = ['scale/mean', 'scale/deviation', 'returns', 'actor/0/kernel']

/** Writes a checkpoint of a behaviour, whole or not at all. */
export async function writeBehaviour(folder: string, behaviour: Behaviour): Promise<void> {
  const { actor, scale, returns, environmentId, seed, steps } = behaviour
  const tensors = {
    ...Object.fromEntries(
      Object.entries(actor).map(([name, { shape, data }]) => [
        name,
        { shape: [...shape], data: data as Float32Array }
      ])
    ),
    'scale/mean': { shape: [scale.mean.length], data: scale.mean },
    'scale/deviation': { shape: [scale.deviation.length], data: scale.deviation },
    ...(scale.clip === undefined ? {} : { 'scale/clip': { shape: [1], data: Float32Array.of(scale.clip) } }),
    returns: { shape: [returns.length], data: Float64Array.from(returns) }
  }
  const texts = { environmentId, learner: behaviour.learner, seed: `${seed}`, steps: `${steps}` }
  await writeFileAtomic(join(folder, checkpointName(steps)), encodeSafetensors(tensors, texts))
}

/** Names of the checkpoints in a folder, by steps; none where there is no folder. */
export async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter(isCheckpoint).sort()
}

/** Runs a reader and puts what is wrong with the file into one sentence. */
async function reading<T>(folder: string, name: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(join(folder, name))
  } catch (error) {
    if (error instanceof UserError) throw error
    const code = (error as NodeJS.ErrnoException).code
    const what =
      error instanceof SafetensorsError
        ? `it is damaged, ${messageOf(error)}`
        : error instanceof z.ZodError
          ? `its ${error.issues[0].path.join('.')} is missing or of another kind`
          : `it cannot be read${code === undefined ? '' : ` (${code})`}`
    throw damaged(folder, name, what, withoutCheckpoint)
  }
}

function checkNames(folder: string, name: string, present: readonly string[]): void {
  const missing = needed.find(tensor => !present.includes(tensor))
  if (missing !== undefined)
    throw damaged(
      folder,
      name,
      `it is no checkpoint of a behaviour (no "${missing}" in it)`,
      withoutCheckpoint
    )
}

/**
 * Reads who a checkpoint is of and how it did, without its networks.
 * @throws UserError('checkpoint-corrupt') with one sentence
 */
export function readSummary(folder: string, name: string): Promise<CheckpointSummary> {
  return reading(folder, name, async path => {
    const file = await open(path, 'r')
    try {
      const { entries, metadata } = await readSafetensorsHeader(file)
      checkNames(folder, name, [...entries.keys()])
      const entry = entries.get('returns')!
      const returns = await readElements(file, entry, 0, entry.shape[0])
      return { ...header.parse(metadata), returns: [...returns] }
    } finally {
      await file.close()
    }
  })
}

/** Reads one checkpoint. @throws UserError('checkpoint-corrupt') with one sentence */
function readBehaviour(folder: string, name: string): Promise<Behaviour> {
  return reading(folder, name, async path => {
    const { tensors, metadata } = decodeSafetensors(await readFile(path))
    checkNames(folder, name, Object.keys(tensors))
    const scale = {
      mean: tensors['scale/mean'].data as Float32Array,
      deviation: tensors['scale/deviation'].data as Float32Array,
      ...('scale/clip' in tensors ? { clip: tensors['scale/clip'].data[0] } : {})
    }
    const returns = [...(tensors.returns.data as Float64Array)]
    return {
      ...header.parse(metadata),
      returns,
      scale,
      actor: prefixed('actor', hostTensors(part(tensors, 'actor')))
    }
  })
}

/**
 * The checkpoints of a behaviour's folder, by steps.
 * @throws UserError('not-found') without any, UserError('checkpoint-corrupt') where one is damaged
 */
export async function readBehaviours(folder: string): Promise<Behaviour[]> {
  const names = await checkpointNames(folder)
  if (names.length === 0)
    throw new UserError('not-found', 'this behaviour has no checkpoint yet; train it first')
  return Promise.all(names.map(name => readBehaviour(folder, name)))
}
