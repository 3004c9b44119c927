/** Episodes of a stored dataset, read piece by piece: pages never load a dataset whole. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { EndReason, EpisodeColumns, EpisodeRow } from '../../src-preload/contract/datasets.ts'
import { type Column, encodeColumn, type Scalar, toScalar } from '../../src-preload/contract/values.ts'
import { UserError } from '../base/errors.ts'
import {
  readElements,
  readSafetensorsHeader,
  SafetensorsError,
  type TensorEntry
} from '../base/safetensors.ts'
import { environmentById } from '../environments/index.ts'
import { readSummary } from './catalogue.ts'
import { columnsFile, decodeEpisodes, readManifest } from './columns.ts'
import { corrupt } from './corrupt.ts'
import type { DatasetManifest, Episode } from './dataset.ts'
import { type EpisodePositions, positionsRecorded, positionsSeen } from './episodePositions.ts'
import { statesFile } from './states.ts'

/** Bytes hashed and numbers visited between two turns of the event loop. */
const hashBytes = 1 << 20
const visitNumbers = 1 << 17

/** A dataset opened for browsing; its file was checked against its hash. */
export interface OpenDataset {
  readonly folder: string
  readonly manifest: DatasetManifest
  readonly file: FileHandle
  readonly entries: ReadonlyMap<string, TensorEntry>
  readonly episodes: readonly Episode[]
  /** The recorded joint positions; null without. */
  readonly recorded: OpenPositions | null
  /** Undiscounted, in raw reward units. */
  readonly returns: Float64Array
}

interface OpenPositions {
  readonly file: FileHandle
  /** [sum(T + 1), size] */
  readonly entry: TensorEntry
}

/** Opens a dataset folder. @throws UserError('not-found' | 'dataset-corrupt') */
export async function openDataset(folder: string): Promise<OpenDataset> {
  const manifest = await readManifest(folder)
  const file = await open(join(folder, columnsFile), 'r').catch(() => {
    throw corrupt(folder, `${columnsFile} is missing`)
  })
  try {
    if ((await hashOf(file)) !== manifest.files[columnsFile])
      throw corrupt(folder, `${columnsFile} has another SHA-256 than when it was written`)
    const { entries } = await readSafetensorsHeader(file)
    const integers = async (name: string) => {
      const entry = entries.get(`episodes/${name}`)!
      return (await readElements(file, entry, 0, entry.shape[0])) as Int32Array
    }
    const parts = await Promise.all(['length', 'endReason', 'hasFinalObservation', 'source'].map(integers))
    const episodes = decodeEpisodes(parts, manifest.sources)
    const returns = await returnsOf(file, entries, episodes)
    return {
      folder,
      manifest,
      file,
      entries,
      episodes,
      returns,
      recorded: await openPositions(folder, manifest)
    }
  } catch (error) {
    await file.close()
    throw error instanceof SafetensorsError ? corrupt(folder, error.message) : error
  }
}

async function openPositions(folder: string, manifest: DatasetManifest): Promise<OpenPositions | null> {
  if (!(statesFile in manifest.files)) return null
  const file = await open(join(folder, statesFile), 'r').catch(() => {
    throw corrupt(folder, `${statesFile} is missing`)
  })
  try {
    if ((await hashOf(file)) !== manifest.files[statesFile])
      throw corrupt(folder, `${statesFile} has another SHA-256 than when it was written`)
    const { entries } = await readSafetensorsHeader(file)
    return { file, entry: entries.get('qpos')! }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Closes the files of a dataset. */
export async function closeDataset({ file, recorded }: OpenDataset): Promise<void> {
  await file.close()
  await recorded?.file.close()
}

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  const piece = new Uint8Array(hashBytes)
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(piece, 0, hashBytes, at)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(piece.subarray(0, bytesRead))
    at += bytesRead
  }
}

async function returnsOf(
  file: FileHandle,
  entries: ReadonlyMap<string, TensorEntry>,
  episodes: readonly Episode[]
): Promise<Float64Array> {
  const entry = entries.get('rewards')!
  const returns = new Float64Array(episodes.length)
  let episode = 0
  for (let first = 0; first < entry.shape[0]; first += visitNumbers) {
    const rewards = await readElements(file, entry, first, Math.min(visitNumbers, entry.shape[0] - first))
    for (let i = 0; i < rewards.length; i++) {
      while (first + i >= episodes[episode].firstRow + episodes[episode].length) episode++
      returns[episode] += rewards[i]
    }
  }
  return returns
}

export interface EpisodePageQuery {
  readonly offset: number
  readonly limit: number
  readonly sort: 'index' | 'length' | 'return' | 'endReason' | 'source'
  readonly descending: boolean
  readonly minimumReturn?: number | null
  readonly maximumReturn?: number | null
  readonly minimumLength?: number | null
  readonly maximumLength?: number | null
}

const within = (value: number, low: number | null = null, high: number | null = null): boolean =>
  (low === null || value >= low) && (high === null || value <= high)

/** One page of the episode table; equal values keep the order of the file, NaN comes last. */
export function episodesPage(
  dataset: OpenDataset,
  query: EpisodePageQuery
): { total: number; rows: EpisodeRow[] } {
  const { episodes, returns } = dataset
  const order = Array.from(episodes.keys()).filter(
    index =>
      within(returns[index], query.minimumReturn, query.maximumReturn) &&
      within(episodes[index].length, query.minimumLength, query.maximumLength)
  )
  const direction = query.descending ? -1 : 1
  const compare = comparisons(dataset)[query.sort]
  const missing = (index: number) => (query.sort === 'return' && Number.isNaN(returns[index]) ? 1 : 0)
  order.sort((a, b) => missing(a) - missing(b) || direction * compare(a, b) || a - b)
  const rows = order.slice(query.offset, query.offset + query.limit).map(index => ({
    index,
    length: episodes[index].length,
    return: toScalar(returns[index]),
    endReason: episodes[index].endReason,
    source: episodes[index].source
  }))
  return { total: order.length, rows }
}

function comparisons({
  episodes,
  returns
}: OpenDataset): Readonly<Record<EpisodePageQuery['sort'], (a: number, b: number) => number>> {
  const texts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return {
    index: (a, b) => a - b,
    length: (a, b) => episodes[a].length - episodes[b].length,
    // Infinity minus itself is NaN, which no sort may be given.
    return: (a, b) => (returns[a] < returns[b] ? -1 : returns[a] > returns[b] ? 1 : 0),
    endReason: (a, b) => texts(episodes[a].endReason, episodes[b].endReason),
    source: (a, b) => texts(episodes[a].source, episodes[b].source)
  }
}

/** One whole episode. @throws UserError('not-found') beyond the last one */
export async function readEpisode(dataset: OpenDataset, index: number): Promise<EpisodeColumns> {
  const { file, entries, episodes, returns, manifest } = dataset
  const episode = episodes.at(index)
  if (episode === undefined || index < 0) {
    throw new UserError(
      'not-found',
      `${manifest.name} has episodes 0 to ${episodes.length - 1}, not ${index}`
    )
  }
  const { firstRow, firstObservation, length } = episode
  const rows = async (name: string, first: number, count: number) => {
    const entry = entries.get(name)!
    const width = entry.shape[1] ?? 1
    return readElements(file, entry, first * width, count * width)
  }
  const size = entries.get('observations')!.shape[1]
  const actions = await rows('actions', firstRow, length)
  const discrete = manifest.actionSpace.kind === 'discrete'
  const observations = (await rows('observations', firstObservation, length + 1)) as Float32Array
  const known = await positionsOf(dataset, episode, observations, size)
  const rewards = manifest.hasRewards ? await rows('rewards', firstRow, length) : new Float32Array()
  return {
    index,
    observations: encodeColumn(observations, [length + 1, size]),
    actions: discrete
      ? encodeColumn(Int32Array.from(actions))
      : encodeColumn(actions, [length, actions.length / length]),
    rewards: encodeColumn(rewards),
    endReason: episode.endReason satisfies EndReason,
    return: toScalar(returns[index]),
    positions: known && encodeColumn(known.positions, [length + 1, known.size]),
    positionsFrom: known && known.from
  }
}

/** Where the robot's joints were; null where there is no robot, or nobody knows. */
async function positionsOf(
  { manifest, recorded }: OpenDataset,
  { firstObservation, length }: Episode,
  observations: Float32Array,
  observationSize: number
): Promise<EpisodePositions | null> {
  const environment = environmentById(manifest.environmentId ?? '')
  if (environment?.robot === undefined) return null
  const { robot } = environment
  const seen = positionsSeen(environment, observations, observationSize)
  if (recorded === null || recorded.entry.shape[1] !== robot.positionSize) return seen
  const size = robot.positionSize
  const values = await readElements(
    recorded.file,
    recorded.entry,
    firstObservation * size,
    (length + 1) * size
  )
  return positionsRecorded(values, size, seen)
}

/** Episode paths drawn over the map, and points kept of each. */
const mapPaths = 40
const pathPoints = 200

export interface DatasetMap {
  x: { low: number; high: number }
  y: { low: number; high: number }
  counts: Column
  paths: { episode: number; return: Scalar; points: Column }[]
}

/** Visits on a grid over two observation dimensions, with a sample of episode paths. @throws UserError('invalid-params') */
export async function readMap(
  dataset: OpenDataset,
  query: { readonly x: number; readonly y: number; readonly bins: number }
): Promise<DatasetMap> {
  const { entries, file } = dataset
  const entry = entries.get('observations')!
  const [rows, size] = entry.shape
  for (const dimension of [query.x, query.y]) {
    if (dimension < 0 || dimension >= size)
      throw new UserError('invalid-params', `observations have dimensions 0 to ${size - 1}, not ${dimension}`)
  }
  const { summary } = await readSummary(dataset.folder)
  const rangeOf = (index: number) => {
    const found = summary.dimensions.find(
      dimension => dimension.group === 'observations' && dimension.index === index
    )!
    return widened(found.histogram.low, found.histogram.high)
  }
  const [x, y] = [rangeOf(query.x), rangeOf(query.y)]
  const counts = new Int32Array(query.bins * query.bins)
  const binOf = (value: number, { low, high }: { low: number; high: number }) =>
    Math.min(query.bins - 1, Math.floor(((value - low) / (high - low)) * query.bins))
  const block = Math.max(1, Math.floor(visitNumbers / size))
  for (let first = 0; first < rows; first += block) {
    const values = await readElements(file, entry, first * size, Math.min(block, rows - first) * size)
    for (let at = 0; at < values.length; at += size) {
      const [column, row] = [binOf(values[at + query.x], x), binOf(values[at + query.y], y)]
      if (column >= 0 && row >= 0) counts[row * query.bins + column]++
    }
  }
  return {
    x,
    y,
    counts: encodeColumn(counts, [query.bins, query.bins]),
    paths: await readPaths(dataset, query)
  }
}

const widened = (low: number, high: number) =>
  high > low ? { low, high } : { low: low - 0.5, high: high + 0.5 }

async function readPaths(
  dataset: OpenDataset,
  { x, y }: { readonly x: number; readonly y: number }
): Promise<DatasetMap['paths']> {
  const { entries, episodes, file, returns } = dataset
  const entry = entries.get('observations')!
  const size = entry.shape[1]
  const chosen = Math.min(mapPaths, episodes.length)
  const paths: DatasetMap['paths'] = []
  for (let i = 0; i < chosen; i++) {
    const index = Math.floor((i * episodes.length) / chosen)
    const { firstObservation, length, hasFinalObservation } = episodes[index]
    const observed = length + (hasFinalObservation ? 1 : 0)
    const values = await readElements(file, entry, firstObservation * size, observed * size)
    const count = Math.min(pathPoints, observed)
    const points = new Float32Array(count * 2)
    for (let p = 0; p < count; p++) {
      const row = count === 1 ? 0 : Math.round((p * (observed - 1)) / (count - 1))
      points.set([values[row * size + x], values[row * size + y]], p * 2)
    }
    paths.push({ episode: index, return: toScalar(returns[index]), points: encodeColumn(points, [count, 2]) })
  }
  return paths
}
