import { join } from 'node:path'
import type {
  Dataset,
  DatasetDynamics,
  DatasetSummary,
  EpisodeColumns,
  EpisodeRow
} from '../../src-preload/contract/datasets.ts'
import { invariant } from '../base/errors.ts'
import { sizeOf } from '../base/tensors.ts'
import { environmentForName, environments, explainName } from '../environments/index.ts'
import {
  closeDataset,
  type DatasetMap,
  type EpisodePageQuery,
  episodesPage,
  openDataset,
  type OpenDataset,
  readEpisode,
  readMap
} from './browse.ts'
import { readSummary } from './catalogue.ts'
import { readManifest } from './columns.ts'
import { dynamicsCandidates } from './dynamics.ts'
import { readDynamics, writeDynamics } from './dynamicsFile.ts'
import type { DatasetFilter } from './importMessages.ts'
import type { ImportSupervisor } from './importSupervisor.ts'

/** Datasets kept open at once. */
const keptOpen = 8

type Named = Pick<Dataset, 'id'>

/** What pages ask of stored datasets, by their catalogue rows; files stay open between questions. */
export interface DatasetLibrary {
  summary(dataset: Named): Promise<DatasetSummary>
  episodes(dataset: Named, query: EpisodePageQuery): Promise<{ total: number; rows: EpisodeRow[] }>
  episode(dataset: Named, index: number): Promise<EpisodeColumns>
  map(
    dataset: Named,
    query: { readonly x: number; readonly y: number; readonly bins: number }
  ): Promise<DatasetMap>
  /** What the source said about itself, as text by heading. */
  card(dataset: Named): Promise<Readonly<Record<string, string>>>
  dynamics(dataset: Named): Promise<DatasetDynamics>
  /** Checks in a process of its own and keeps the result. */
  checkDynamics(dataset: Named, signal?: AbortSignal): Promise<DatasetDynamics>
  /** Written in a process of its own; the folder is in place when this resolves. */
  filter(dataset: Named, name: string, filter: DatasetFilter): Promise<Dataset>
  combine(datasets: readonly Named[], name: string): Promise<Dataset>
  /** Closes the files of a dataset that is being removed. */
  forget(id: string): void
  close(): void
}

/** @param root folder of the dataset folders */
export function createDatasetLibrary(
  root: string,
  supervisor: Pick<ImportSupervisor, 'filter' | 'combine' | 'check'>
): DatasetLibrary {
  const opened = new Map<string, Promise<OpenDataset>>()
  /** Checks under way: whoever asks meanwhile waits for the same one. */
  const checks = new Map<string, Promise<DatasetDynamics>>()
  const checkFolder = async (folder: string, signal?: AbortSignal): Promise<DatasetDynamics> => {
    const { name } = await readManifest(folder)
    await writeDynamics(folder, await supervisor.check(folder, name, signal))
    return dynamicsOf(folder)
  }
  const forget = (id: string) => {
    const dataset = opened.get(id)
    opened.delete(id)
    // A dataset that could not be opened holds no file.
    dataset?.then(closeDataset).catch(() => undefined)
  }
  const open = (id: string) => {
    const dataset = opened.get(id) ?? openDataset(join(root, id))
    opened.delete(id)
    opened.set(id, dataset)
    dataset.catch(() => opened.delete(id))
    if (opened.size > keptOpen) forget(opened.keys().next().value!)
    return dataset
  }
  return {
    summary: async ({ id }) => (await readSummary(join(root, id))).summary,
    episodes: async ({ id }, query) => episodesPage(await open(id), query),
    episode: async ({ id }, index) => readEpisode(await open(id), index),
    map: async ({ id }, query) => readMap(await open(id), query),
    card: async ({ id }) => (await readManifest(join(root, id))).provenance,
    dynamics: ({ id }) => dynamicsOf(join(root, id)),
    checkDynamics({ id }, signal) {
      const running = checks.get(id)
      if (running) return running
      const check = checkFolder(join(root, id), signal).finally(() => checks.delete(id))
      checks.set(id, check)
      return check
    },
    filter: ({ id }, name, filter) => imported(supervisor.filter(join(root, id), name, filter)),
    combine: (datasets, name) =>
      imported(
        supervisor.combine(
          datasets.map(({ id }) => join(root, id)),
          name
        )
      ),
    forget,
    close: () => [...opened.keys()].forEach(forget)
  }
}

/** The stored check of a dataset, and what its source called the environment. */
async function dynamicsOf(folder: string): Promise<DatasetDynamics> {
  const manifest = await readManifest(folder)
  const name = manifest.provenance.environment as string | undefined
  const named = environmentForName(name ?? manifest.environmentId ?? '').environment?.id ?? null
  const { actionSpace } = manifest
  const sizes = {
    observationSize: sizeOf(manifest.observationShape),
    actionSize: actionSpace.kind === 'continuous' ? actionSpace.size : 1
  }
  return {
    check: await readDynamics(folder),
    checkable: actionSpace.kind === 'continuous' && dynamicsCandidates(sizes, environments, named).length > 0,
    because: name === undefined ? null : explainName(name)
  }
}

/** The dataset at the end of a job. */
async function imported(progress: ReturnType<ImportSupervisor['filter']>): Promise<Dataset> {
  for await (const item of progress) if (item.kind === 'imported') return item.dataset
  invariant(false, 'a job that writes a dataset ends with it or throws')
}
