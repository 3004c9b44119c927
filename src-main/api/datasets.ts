import { rm } from 'node:fs/promises'
import type {
  Dataset,
  datasetsContract,
  ImportProgress,
  importsContract
} from '../../src-preload/contract/datasets.ts'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import { UserError } from '../base/errors.ts'
import { recipes } from '../environments/recipes/index.ts'
import {
  addDataset,
  editDataset,
  findDataset,
  getDataset,
  listDatasets,
  removeDataset
} from '../store/datasets.ts'
import { datasetFolder } from '../store/home.ts'
import { followTopic } from './changes.ts'
import { pagesOf } from './pages.ts'
import type { Services } from './services.ts'

/** Answers `datasets.*`. */
export function datasetsHandlers(services: Services): GroupHandlers<typeof datasetsContract> {
  const { library } = services
  const { db } = services.store
  const edit = (id: string, changes: Parameters<typeof editDataset>[2]) =>
    announced(services, editDataset(db, id, changes))
  return {
    list: ({ archived }) => listDatasets(db, archived),
    get: ({ id }) => getDataset(db, id),
    edit: ({ id, ...changes }) => edit(id, changes),
    archive: ({ id, archived }) => edit(id, { archived }),
    remove: async ({ id }) => {
      await remove(services, id)
      return {}
    },
    summary: ({ id }) => library.summary(getDataset(db, id)),
    episodes: ({ id, ...query }) => library.episodes(getDataset(db, id), query),
    card: async ({ id }) => ({ ...(await library.card(getDataset(db, id))) }),
    dynamics: ({ id }) => library.dynamics(getDataset(db, id)),
    checkDynamics: ({ id }, { signal }) => library.checkDynamics(getDataset(db, id), signal),
    episode: ({ id, index }) => library.episode(getDataset(db, id), index),
    map: ({ id, ...query }) => library.map(getDataset(db, id), query),
    recipes: () =>
      recipes.map(({ id, title, summary, environmentId }) => ({ id, title, summary, environmentId })),
    make: ({ recipe, seed }, { signal }) => stored(services, services.imports.make(recipe, seed, signal)),
    filter: async ({ id, name, ...filter }) =>
      visible(services, await library.filter(getDataset(db, id), name, filter)),
    combine: async ({ ids, name }) => {
      const parts = [...new Set(ids)].map(id => getDataset(db, id))
      if (parts.length < 2) throw new UserError('conflict', 'combining needs two different datasets or more')
      return visible(services, await library.combine(parts, name))
    },
    follow: (_, { signal }) => follow(services, signal)
  }
}

/** Answers `imports.*`. */
export const importsHandlers = (services: Services): GroupHandlers<typeof importsContract> => ({
  inspect: ({ handle }, { signal }) => services.imports.inspect(services.files.path(handle), signal),
  commit: ({ inspectionId, name, answers }, { signal }) =>
    stored(services, services.imports.commit(inspectionId, name, answers, signal)),
  discard: ({ inspectionId }) => {
    services.imports.discard(inspectionId)
    return {}
  }
})

/** Passes an import's progress on; the dataset at its end becomes visible before the page hears of it. */
export async function* stored(
  services: Services,
  progress: AsyncIterable<ImportProgress>
): AsyncGenerator<ImportProgress> {
  for await (const item of progress) {
    yield item.kind === 'imported' ? { kind: 'imported', dataset: visible(services, item.dataset) } : item
  }
}

const visible = (services: Services, dataset: Dataset): Dataset =>
  announced(services, addDataset(services.store.db, dataset))

function announced(services: Services, dataset: Dataset): Dataset {
  services.changes.publish('datasets', [dataset.id])
  return dataset
}

/** Forgets a dataset, then deletes its folder; a crash in between leaves a folder that the next start sweeps. */
async function remove(services: Services, id: string): Promise<void> {
  removeDataset(services.store.db, id)
  services.library.forget(id)
  services.changes.publish('datasets', [id])
  await rm(datasetFolder(services.store.home, id), { recursive: true, force: true })
}

function follow(services: Services, signal: AbortSignal) {
  const { db } = services.store
  return followTopic(services.changes, 'datasets', signal, {
    pauseMs: 100,
    first: () => pagesOf(listDatasets(db, true)).map(changed => ({ changed, removed: [] as string[] })),
    next: ids => {
      const changed = [...ids].flatMap(id => findDataset(db, id) ?? [])
      const removed = [...ids].filter(id => changed.every(dataset => dataset.id !== id))
      return pagesOf(changed).map((page, i) => ({ changed: page, removed: i === 0 ? removed : [] }))
    }
  })
}
