import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UserError } from '../base/errors.ts'
import { writeFileAtomic } from '../base/files.ts'
import { decodeSafetensors, encodeSafetensors } from '../base/safetensors.ts'
import type { StoredTensors } from '../base/safetensors.ts'
import { concatenated } from './arrays.ts'
import { damaged } from './damage.ts'
import type { LivedEpisode } from './lanes.ts'
import { line } from './learning.ts'

/** Everything in one file, as early versions wrote it at a training's end. */
const wholeName = 'replay.safetensors'
const nameAt = (steps: number): string => `lived-${String(steps).padStart(9, '0')}.safetensors`
const pattern = /^lived-(\d{9,})\.safetensors$/

/** The files of what was lived, in order; empty where nothing was kept. */
export async function livedNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter(name => name === wholeName || pattern.test(name)).sort()
}
const parts = ['observations', 'actions', 'rewards', 'positions', 'velocities'] as const

const joinedPart = (episodes: readonly LivedEpisode[], name: (typeof parts)[number]): Float32Array =>
  concatenated(episodes.map(episode => episode[name] ?? new Float32Array(0)))

/** Writes the episodes that ended since the checkpoint before the one at `steps`; no file where none did. */
export async function writeLived(
  folder: string,
  steps: number,
  episodes: readonly LivedEpisode[]
): Promise<void> {
  if (episodes.length === 0) return
  const tensors = {
    ...Object.fromEntries(parts.map(name => [name, line(joinedPart(episodes, name))])),
    ...(episodes[0].lane === undefined
      ? {}
      : { lanes: line(Int32Array.from(episodes, episode => episode.lane ?? 0)) }),
    lengths: line(Int32Array.from(episodes, episode => episode.length)),
    terminated: line(Int32Array.from(episodes, episode => (episode.endReason === 'terminated' ? 1 : 0))),
    returns: line(Float64Array.from(episodes, episode => episode.return))
  }
  await writeFileAtomic(join(folder, nameAt(steps)), encodeSafetensors(tensors, {}))
}

interface Widths {
  readonly rows: number
  readonly observationRows: number
}

const needed = [...parts, 'lengths', 'terminated', 'returns'] as const

function episodesOf(tensors: StoredTensors): LivedEpisode[] {
  const missing = needed.find(name => !(name in tensors))
  if (missing !== undefined) throw new Error(`it holds no episodes (no "${missing}" in it)`)
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
      velocities: positions.length > 0 ? perState('velocities') : null,
      ...('lanes' in tensors ? { lane: tensors.lanes.data[index] } : {})
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
 * What a learner lived through, in order; nothing before an episode has ended.
 * @throws UserError('checkpoint-corrupt') where a file is damaged
 */
export async function* livedSoFar(folder: string): AsyncGenerator<LivedEpisode> {
  for (const name of await livedNames(folder)) yield* await readEpisodes(folder, name)
}

/**
 * What a learner lived through, in order, to make data of.
 * @throws UserError('not-found') when nothing was kept, UserError('checkpoint-corrupt') where a file is damaged
 */
export async function* readLived(folder: string): AsyncGenerator<LivedEpisode> {
  if ((await livedNames(folder)).length === 0)
    throw new UserError('not-found', 'nothing of what this behaviour lived through was kept; train it longer')
  yield* livedSoFar(folder)
}

async function readEpisodes(folder: string, name: string): Promise<LivedEpisode[]> {
  try {
    return episodesOf(decodeSafetensors(await readFile(join(folder, name))).tensors)
  } catch (error) {
    const next =
      'the medium-replay tier needs it, as does a training by SAC that goes on: remove the behaviour and train it again'
    throw damaged(folder, name, messageOf(error), next)
  }
}
