import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import type { filesContract } from '../../src-preload/contract/files.ts'
import { UserError } from '../base/errors.ts'
import { getDataset } from '../store/datasets.ts'
import { datasetFolder, runFolder } from '../store/home.ts'
import { getRun } from '../store/runs.ts'
import type { Services } from './services.ts'

/** Answers `files.*`. */
export const filesHandlers = (services: Services): GroupHandlers<typeof filesContract> => ({
  pick: async ({ kind }) => {
    const { pick } = services.host
    if (pick === null)
      throw new UserError('unsupported', 'this host has no file dialog; choose from its own listing')
    const path = await pick(kind)
    return path === null ? null : services.files.entryOf(path)
  },
  list: ({ handle }) => services.files.list(handle),
  reveal: async ({ kind, id }) => {
    const { reveal } = services.host
    if (reveal === null) throw new UserError('unsupported', 'this host cannot open a file manager')
    await reveal(folderOf(services, kind, id))
    return {}
  }
})

function folderOf({ store }: Services, kind: 'dataset' | 'run' | 'home', id: string): string {
  if (kind === 'home') return store.home.root
  return kind === 'dataset'
    ? datasetFolder(store.home, getDataset(store.db, id).id)
    : runFolder(store.home, getRun(store.db, id).id)
}
