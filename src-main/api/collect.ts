import type { BehaviourList, collectContract } from '../../src-preload/contract/collect.ts'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import { stored } from './datasets.ts'
import type { Services } from './services.ts'

/** Answers `collect.*`. */
export const collectHandlers = (services: Services): GroupHandlers<typeof collectContract> => ({
  train: request => services.behaviours.train(request),
  stop: ({ id }) => {
    services.behaviours.stop(id)
    return {}
  },
  remove: async ({ id }) => {
    await services.behaviours.remove(id)
    return {}
  },
  follow: (_, { signal }) => follow(services, signal),
  make: ({ id, ...request }, { signal }) => make(services, id, request, signal)
})

async function* follow({ behaviours }: Services, signal: AbortSignal): AsyncGenerator<BehaviourList> {
  while (!signal.aborted) {
    // Asked for before the list is read, so that no change falls between the two.
    const change = behaviours.changed(signal)
    yield await behaviours.list()
    await change
  }
}

type TierRequest = Omit<Parameters<Services['imports']['collect']>[0], 'kind' | 'folder' | 'environmentId'>

async function* make(services: Services, id: string, request: TierRequest, signal: AbortSignal) {
  const { environmentId, folder } = await services.behaviours.find(id)
  yield* stored(
    services,
    services.imports.collect({ kind: 'tier', folder, environmentId, ...request }, signal)
  )
}
