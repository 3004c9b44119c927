import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import type { Plan } from '../../../src-preload/contract/runs.ts'
import { algorithmById } from '../../../src-main/algorithms/index.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import type { HostTensors } from '../../../src-main/base/tensors.ts'
import type { Engine } from '../../../src-main/compute/engine.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import { buildColumns, type NeutralEpisode } from '../../../src-main/datasets/build.ts'
import { publishDataset, writeDataset } from '../../../src-main/datasets/columns.ts'
import type {
  DatasetDescription,
  DatasetManifest,
  LoadedDataset
} from '../../../src-main/datasets/dataset.ts'
import { prepareTraining } from '../../../src-main/datasets/trainingView.ts'
import type { Home } from '../../../src-main/store/home.ts'
import type { TrainingHooks, TrainingParts } from '../../../src-main/training/loop.ts'
import type { Snapshot } from '../../../src-main/training/snapshot.ts'

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'stitchwork-training-'))

const description: DatasetDescription = {
  name: 'walks',
  format: 'test',
  sourceName: 'test',
  environmentId: 'crossroads',
  observationShape: [2],
  observationNames: ['x', 'y'],
  actionShape: [2],
  actionNames: ['dx', 'dy'],
  actionSpace: {
    kind: 'continuous',
    size: 2,
    low: [-1, -1],
    high: [1, 1],
    outside: 'clip',
    shareOutside: 0
  },
  hasRewards: true,
  scoreReference: { low: 0, high: 1, source: 'test' },
  parents: [],
  provenance: {}
}

/** Random walks in the space of Crossroads; `change` may spoil an episode. */
export function walks(
  count = 12,
  length = 20,
  change: (episode: NeutralEpisode, index: number) => void = () => undefined
): LoadedDataset {
  const episodes = Array.from({ length: count }, (_, index): NeutralEpisode => {
    const random = new RandomSequence(index, 'test/walks')
    const fill = (size: number) => Float32Array.from({ length: size }, () => random.uniform(-1, 1))
    const episode = {
      observations: fill((length + 1) * 2),
      actions: fill(length * 2),
      rewards: fill(length),
      endReason: index % 2 ? ('terminated' as const) : ('truncated' as const),
      source: 'test'
    }
    change(episode, index)
    return episode
  })
  const columns = buildColumns({ observationSize: 2, actionSize: 2, hasRewards: true }, episodes)
  return {
    folder: '',
    manifest: { ...description, formatVersion: 1, id: 'a'.repeat(32), sources: ['test'], files: {} },
    columns
  }
}

/** The same walks with the signs of their moves as actions: four of them, by number. */
export function discreteWalks(): LoadedDataset {
  const { manifest, columns } = walks()
  const { actions } = columns
  const signs = Float32Array.from({ length: actions.length / 2 }, (_, i) => {
    return 2 * Number(actions[2 * i] > 0) + Number(actions[2 * i + 1] > 0)
  })
  const space = { kind: 'discrete' as const, count: 4, start: 0 }
  return {
    folder: '',
    manifest: { ...manifest, actionShape: [1], actionNames: ['move'], actionSpace: space },
    columns: { ...columns, actions: signs, actionSize: 1 }
  }
}

/** Writes a dataset into a new folder; returns the folder. */
export async function onDisk({ manifest, columns }: LoadedDataset): Promise<string> {
  const folder = join(temporaryFolder(), 'dataset')
  const { formatVersion: _v, id: _i, sources: _s, files: _f, ...described } = manifest
  await writeDataset(folder, described, columns)
  return folder
}

export const tinyConfig = {
  gradientSteps: 60,
  batchSize: 8,
  hiddenSizes: [8],
  logEvery: 20,
  evalEvery: 0,
  evalEpisodes: 2,
  keepRollouts: 1,
  checkpointEvery: 25,
  heldOutShare: 0.2
}

/** One algorithm on one dataset, in memory. */
export function partsFor(
  algorithmId: string,
  dataset: LoadedDataset,
  change: Readonly<Record<string, unknown>> = {},
  engine: Engine = eagerEngine
): TrainingParts {
  const algorithm = algorithmById(algorithmId)
  const config = algorithm.schema.parse({ ...tinyConfig, ...change })
  const data = prepareTraining(dataset, config)
  const method = { algorithm, config, problem: data.problem }
  return { method, seed: 3, engine, threads: 1, view: data.training, heldOut: data.heldOut }
}

/** Hooks that write down what the loop said. */
export function recordingHooks(requested: TrainingHooks['requested'] = () => null) {
  const points: { step: number; values: Readonly<Record<string, number>> }[] = []
  const checkpoints: { snapshot: Snapshot; kind: string }[] = []
  const evaluations: number[] = []
  const hooks: TrainingHooks = {
    points: (step, _seconds, values) => void points.push({ step, values }),
    advanced: () => undefined,
    evaluate: async ({ step }) => {
      evaluations.push(step)
      return { 'eval/return': step }
    },
    checkpoint: async (snapshot, kind) => void checkpoints.push({ snapshot, kind }),
    requested,
    phase: () => undefined
  }
  return { hooks, points, checkpoints, evaluations }
}

/** Curves without the ones that depend on time. */
export const timeless = (points: ReturnType<typeof recordingHooks>['points']) =>
  points.map(({ step, values }) => ({
    step,
    values: Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith('time/')))
  }))

/** Bytes of a state as plain numbers, for exact comparison. */
export const bytesOf = (state: HostTensors): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(state).map(([name, { data }]) => [
      name,
      [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
    ])
  )

/** Writes a dataset to its place in a home folder. */
export async function writeInto(home: Home, dataset: LoadedDataset): Promise<DatasetManifest> {
  const staging = join(temporaryFolder(), 'dataset')
  const manifest = await writeDataset(staging, description, dataset.columns)
  await publishDataset(staging, home.datasets, manifest.id)
  return manifest
}

/** The catalogue entry of a dataset of {@link walks}. */
export function storedDataset(manifest: DatasetManifest): Dataset {
  const { files: _, provenance: _p, sources: _s, formatVersion: _v, ...rest } = manifest
  return {
    ...rest,
    ...{ note: '', createdAt: 0, episodes: 12, transitions: 240, missingNextObservations: 0, endReasons: {} },
    ...{ meanReturn: 0, bestReturn: 0, meanLength: 20, sizeBytes: 0, archived: false }
  } as unknown as Dataset
}

/** A plan with one behaviour-cloning run on the eager engine. */
export const planFor = (datasetId: string, config: Readonly<Record<string, unknown>>): Plan => ({
  ...{ name: 'test', datasets: [datasetId], seeds: [0], engine: 'eager', threads: 0, precision: 'float32' },
  algorithms: [{ algorithm: 'bc', config: { ...tinyConfig, ...config } }]
})

/** What a checkpoint says about a run that nothing else knows. */
export const checkpointRun = {
  ...{ jobHash: 'hash', datasetId: 'dataset', algorithm: 'bc', config: {}, seed: 3 },
  engine: { id: 'eager', version: '1', threads: 1, device: 'CPU' },
  normaliser: {
    observations: null,
    actions: { kind: 'continuous' as const, low: [-1, -1], high: [1, 1], clip: true },
    rewards: { scale: 1, shift: 0 }
  },
  heldOutEpisodes: []
}
