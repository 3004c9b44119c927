import type { BehaviourList, collectContract } from '../../src-preload/contract/collect.ts'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import { collectOptions, knownEnvironment } from '../collect/learners.ts'
import { stored } from './datasets.ts'
import type { Services } from './services.ts'

/** Answers `collect.*`. */
export const collectHandlers = (services: Services): GroupHandlers<typeof collectContract> => ({
  options: collectOptions,
  train: request => services.behaviours.train(request),
  resume: ({ id }) => services.behaviours.resume(id),
  stop: ({ id }) => {
    services.behaviours.stop(id)
    return {}
  },
  remove: async ({ id }) => {
    await services.behaviours.remove(id)
    return {}
  },
  follow: (_, { signal }) => follow(services, signal),
  make: ({ id, ...request }, { signal }) => make(services, id, request, signal),
  makeRandom: (request, { signal }) => makeRandom(services, request, signal)
})

async function* follow({ behaviours }: Services, signal: AbortSignal): AsyncGenerator<BehaviourList> {
  while (!signal.aborted) {
    // Asked for before the list is read, so that no change falls between the two.
    const change = behaviours.changed(signal)
    yield await behaviours.list()
    await change
  }
}

type TierJob = Parameters<Services['imports']['collect']>[0]

async function* make(
  services: Services,
  id: string,
  request: Omit<TierJob, 'kind' | 'folder' | 'environmentId'>,
  signal: AbortSignal
) {
  const { environmentId, folder } = await services.behaviours.find(id)
  yield* stored(
    services,
    services.imports.collect({ kind: 'tier', folder, environmentId, ...request }, signal)
  )
}

async function* makeRandom(
  services: Services,
  request: Pick<TierJob, 'environmentId' | 'transitions' | 'seed'>,
  signal: AbortSignal
) {
  knownEnvironment(request.environmentId)
  const job = { kind: 'tier', folder: null, tier: 'random', noise: 0, ...request } as const
  yield* stored(services, services.imports.collect(job, signal))
}
