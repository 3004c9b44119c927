/**
 * A dataset on disk: a folder named by content hash with `dataset.json` (the manifest) and `columns.safetensors`.
 * The format is described in docs/formats/dataset.md.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  actionSpace,
  type DatasetSummary,
  type EndReason,
  scoreReference
} from '../../src-preload/contract/datasets.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { fileError, publishFolder, writeFileSynced, openProblem } from '../base/files.ts'
import {
  encodeSafetensors,
  readSafetensors,
  SafetensorsError,
  type StoredTensors
} from '../base/safetensors.ts'
import { transitionsOf } from './build.ts'
import { corrupt } from './corrupt.ts'
import { encodeStates, readStates, statesFile } from './states.ts'
import { factsOf, summarise } from './statistics.ts'
import type {
  DatasetColumns,
  DatasetDescription,
  DatasetManifest,
  Episode,
  LoadedDataset
} from './dataset.ts'

export const columnsFile = 'columns.safetensors'
export const manifestFile = 'dataset.json'
export const summaryFile = 'summary.json'

/** End reasons by their number in the file; append only. */
const endReasonCodes: readonly EndReason[] = ['terminated', 'truncated', 'cut', 'unknown']

const texts = z.array(z.string())
const counts = z.array(z.number().int().nonnegative())
const manifestSchema = z.object({
  formatVersion: z.literal(1),
  id: z.string().regex(/^[a-f0-9]{32}$/),
  name: z.string(),
  format: z.string(),
  sourceName: z.string(),
  environmentId: z.string().nullable(),
  observationShape: counts,
  observationNames: texts,
  actionShape: counts,
  actionNames: texts,
  actionSpace,
  hasRewards: z.boolean(),
  scoreReference: scoreReference.nullable(),
  parents: z.array(z.object({ datasetId: z.string(), name: z.string(), operation: z.string() })),
  sources: texts,
  files: z.record(z.string(), z.string().regex(/^[a-f0-9]{64}$/)),
  provenance: z.record(z.string(), z.string())
})

/** The tensors of the columns file. */
function encodeColumns(columns: DatasetColumns, sources: readonly string[]): StoredTensors {
  const { episodes } = columns
  const transitions = transitionsOf(columns)
  const integers = (values: (episode: Episode) => number) => ({
    shape: [episodes.length],
    data: Int32Array.from(episodes, values)
  })
  const sourceNumbers = new Map(sources.map((name, number) => [name, number]))
  return {
    observations: {
      shape: [transitions + episodes.length, columns.observationSize],
      data: columns.observations
    },
    actions: { shape: [transitions, columns.actionSize], data: columns.actions },
    rewards: { shape: [columns.rewards.length], data: columns.rewards },
    'episodes/length': integers(episode => episode.length),
    'episodes/endReason': integers(episode => endReasonCodes.indexOf(episode.endReason)),
    'episodes/hasFinalObservation': integers(episode => (episode.hasFinalObservation ? 1 : 0)),
    'episodes/source': integers(episode => sourceNumbers.get(episode.source)!)
  }
}

/** The id: a hash of the columns and of what gives them meaning; names for people do not count. */
function contentId(columnsHash: string, statesHash: string | null, description: DatasetDescription): string {
  const { environmentId, observationShape, actionShape, actionSpace, hasRewards } = description
  const meaning = JSON.stringify([
    1,
    columnsHash,
    environmentId,
    observationShape,
    actionShape,
    actionSpace,
    hasRewards,
    ...(statesHash === null ? [] : [statesHash])
  ])
  return createHash('sha256').update(meaning).digest('hex').slice(0, 32)
}

/**
 * Writes a dataset with its statistics into a new folder `staging`; nothing names it until {@link publishDataset} moves it to its place.
 * @param problems what the importer found, kept with the statistics
 * @throws UserError('disk-full' | 'io-error')
 */
export async function writeDataset(
  staging: string,
  description: DatasetDescription,
  columns: DatasetColumns,
  problems: DatasetSummary['problems'] = []
): Promise<DatasetManifest> {
  const sources = [...new Set(columns.episodes.map(episode => episode.source))]
  const pieces = encodeSafetensors(encodeColumns(columns, sources))
  const columnsHash = sha256(pieces)
  const summary = { facts: factsOf(columns), summary: summarise(columns, description, problems) }
  const summaryBytes = Buffer.from(JSON.stringify(summary) + '\n')
  const states = columns.states === undefined ? null : encodeSafetensors(encodeStates(columns.states))
  const statesHash = states === null ? null : sha256(states)
  const files = {
    ...{ [columnsFile]: columnsHash, [summaryFile]: sha256([summaryBytes]) },
    ...(statesHash === null ? {} : { [statesFile]: statesHash })
  }
  // The description may come from another manifest: what belongs to this dataset stands last.
  const id = contentId(columnsHash, statesHash, description)
  const manifest: DatasetManifest = { ...description, formatVersion: 1, id, sources, files }
  try {
    await mkdir(staging, { recursive: true })
    await writeFileSynced(join(staging, columnsFile), pieces)
    if (states !== null) await writeFileSynced(join(staging, statesFile), states)
    await writeFileSynced(join(staging, summaryFile), summaryBytes)
    await writeFileSynced(join(staging, manifestFile), JSON.stringify(manifest, null, 2) + '\n')
  } catch (error) {
    throw fileError(error, 'write', staging)
  }
  return manifest
}

/** SHA-256 of everything that columns hold, their simulator states included; equal for equal columns in every process. */
export function hashColumns(columns: DatasetColumns): string {
  const sources = [...new Set(columns.episodes.map(episode => episode.source))]
  const states = columns.states === undefined ? [] : encodeSafetensors(encodeStates(columns.states))
  return sha256([...encodeSafetensors(encodeColumns(columns, sources)), ...states])
}

function sha256(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

/**
 * Moves a written staging folder to `<root>/<id>`; returns the folder. An equal dataset that is already there stays, unless its files
 * are damaged or gone: then the new one takes its place.
 */
export async function publishDataset(staging: string, root: string, id: string): Promise<string> {
  const folder = join(root, id)
  if (!(await isWhole(folder))) {
    try {
      // Beside the new one, where a start after a crash sweeps it.
      await rename(folder, `${staging}-damaged`)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw fileError(error, 'write', folder)
    }
  }
  await publishFolder(staging, folder)
  await rm(`${staging}-damaged`, { recursive: true, force: true })
  return folder
}

/** Whether every file of a dataset folder is as its manifest says. */
async function isWhole(folder: string): Promise<boolean> {
  try {
    for (const [name, expected] of Object.entries((await readManifest(folder)).files)) {
      const hash = createHash('sha256')
      for await (const piece of createReadStream(join(folder, name))) hash.update(piece as Buffer)
      if (hash.digest('hex') !== expected) return false
    }
    return true
  } catch {
    // No folder, no manifest, or a file that cannot be read: nothing there that could stay.
    return false
  }
}

/** Reads the manifest only. @throws UserError('not-found' | 'dataset-corrupt') */
export async function readManifest(folder: string): Promise<DatasetManifest> {
  let text: string
  try {
    text = await readFile(join(folder, manifestFile), 'utf8')
  } catch (error) {
    throw new UserError('not-found', `the dataset folder ${folder} ${openProblem(error)}`, {
      folder
    })
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw corrupt(folder, `${manifestFile} is not JSON`)
  }
  const parsed = manifestSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw corrupt(folder, `${manifestFile}: ${issue.path.join('.')}: ${issue.message}`)
  }
  return parsed.data
}

/** A dataset with the simulator states that it may have. @throws UserError('not-found' | 'dataset-corrupt') */
export async function loadDatasetWithStates(folder: string): Promise<LoadedDataset> {
  const dataset = await loadDataset(folder)
  const states = await readStates(folder, dataset.manifest)
  return states === undefined ? dataset : { ...dataset, columns: { ...dataset.columns, states } }
}

/**
 * Reads a dataset, but for its simulator states, and checks its SHA-256 against the manifest.
 * @throws UserError('not-found' | 'dataset-corrupt')
 */
export async function loadDataset(folder: string): Promise<LoadedDataset> {
  const manifest = await readManifest(folder)
  const file = await readSafetensors(join(folder, columnsFile)).catch((error: unknown) => {
    if (error instanceof SafetensorsError) throw corrupt(folder, `${columnsFile}: ${error.message}`)
    throw corrupt(folder, `${columnsFile} cannot be read: ${messageOf(error)}`)
  })
  if (file.sha256 !== manifest.files[columnsFile])
    throw corrupt(folder, `${columnsFile} has another SHA-256 than when it was written`)
  return { folder, manifest, columns: decodeColumns(file.tensors, manifest) }
}

function decodeColumns(tensors: StoredTensors, manifest: DatasetManifest): DatasetColumns {
  const floats = (name: string) => tensors[name].data as Float32Array
  const episodes = decodeEpisodes(
    ['length', 'endReason', 'hasFinalObservation', 'source'].map(
      name => tensors[`episodes/${name}`].data as Int32Array
    ),
    manifest.sources
  )
  return {
    observationSize: tensors.observations.shape[1],
    actionSize: tensors.actions.shape[1],
    observations: floats('observations'),
    actions: floats('actions'),
    rewards: floats('rewards'),
    episodes
  }
}

/** Episodes from their four integer columns. */
export function decodeEpisodes(
  [lengths, reasons, finals, numbers]: readonly Int32Array[],
  sources: readonly string[]
): Episode[] {
  let firstRow = 0
  return Array.from(lengths, (length, index) => {
    const episode: Episode = {
      firstRow,
      firstObservation: firstRow + index,
      length,
      endReason: endReasonCodes[reasons[index]],
      hasFinalObservation: finals[index] === 1,
      source: sources[numbers[index]]
    }
    firstRow += length
    return episode
  })
}
