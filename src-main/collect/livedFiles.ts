import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UserError } from '../base/errors.ts'
import { writeFileAtomic } from '../base/files.ts'
import { decodeSafetensors, encodeSafetensors } from '../base/safetensors.ts'
import type { StoredTensors } from '../base/safetensors.ts'
import { concatenated } from './arrays.ts'
import type { LivedEpisode } from './lanes.ts'

export const replayName = 'replay.safetensors'
const parts = ['observations', 'actions', 'rewards', 'positions', 'velocities'] as const

const joinedPart = (episodes: readonly LivedEpisode[], name: (typeof parts)[number]): Float32Array =>
  concatenated(episodes.map(episode => episode[name] ?? new Float32Array(0)))

/** Writes what a learner lived through, in order. */
export async function writeReplay(folder: string, episodes: readonly LivedEpisode[]): Promise<void> {
  const line = (data: Float32Array | Int32Array | Float64Array) => ({ shape: [data.length], data })
  const tensors = {
    ...Object.fromEntries(parts.map(name => [name, line(joinedPart(episodes, name))])),
    lengths: line(Int32Array.from(episodes, episode => episode.length)),
    terminated: line(Int32Array.from(episodes, episode => (episode.endReason === 'terminated' ? 1 : 0))),
    returns: line(Float64Array.from(episodes, episode => episode.return))
  }
  await writeFileAtomic(join(folder, replayName), encodeSafetensors(tensors, {}))
}

interface Widths {
  readonly rows: number
  readonly observationRows: number
}

function episodesOf(tensors: StoredTensors): LivedEpisode[] {
  const lengths = tensors.lengths.data as Int32Array
  const rows = lengths.reduce((sum, length) => sum + length, 0)
  const widths: Widths = { rows, observationRows: rows + lengths.length }
  let row = 0
  return Array.from(lengths, (length, index) => {
    const first = row
    row += length
    const perStep = (name: string) => slice(tensors, name, widths.rows, first, length)
    const perState = (name: string) => slice(tensors, name, widths.observationRows, first + index, length + 1)
    const positions = perState('positions')
    return {
      length,
      return: (tensors.returns.data as Float64Array)[index],
      endReason: (tensors.terminated.data as Int32Array)[index] === 1 ? 'terminated' : 'truncated',
      observations: perState('observations'),
      actions: perStep('actions'),
      rewards: perStep('rewards'),
      positions: positions.length > 0 ? positions : null,
      velocities: positions.length > 0 ? perState('velocities') : null
    }
  })
}

function slice(
  tensors: StoredTensors,
  name: string,
  rows: number,
  first: number,
  count: number
): Float32Array {
  const data = tensors[name].data as Float32Array
  const width = data.length / rows
  return data.slice(first * width, (first + count) * width)
}

/**
 * What a learner lived through.
 * @throws UserError('not-found') when it was not kept or cannot be read
 */
export async function readReplay(folder: string): Promise<LivedEpisode[]> {
  try {
    return episodesOf(decodeSafetensors(await readFile(join(folder, replayName))).tensors)
  } catch (error) {
    throw new UserError('not-found', `the replay in ${folder} cannot be read: ${messageOf(error)}`, {
      folder
    })
  }
}
