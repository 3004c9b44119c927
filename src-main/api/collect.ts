import type { BehaviourChanges, BehaviourInfo, collectContract } from '../../src-preload/contract/collect.ts'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import { UserError } from '../base/errors.ts'
import { collectOptions, knownEnvironment } from '../collect/learners.ts'
import { followTopic } from './changes.ts'
import { stored } from './datasets.ts'
import { fitting, pagesOf } from './pages.ts'
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
  get: ({ id }) => get(services, id),
  list: ({ offset }) => list(services, offset),
  follow: (_, { signal }) => follow(services, signal),
  make: ({ id, ...request }, { signal }) => make(services, id, request, signal),
  makeRandom: (request, { signal }) => makeRandom(services, request, signal)
})

async function get({ behaviours }: Services, id: string): Promise<BehaviourInfo> {
  const found = await behaviours.look(id)
  if (found === null) throw new UserError('not-found', `there is no behaviour "${id}"`, { id })
  if ('id' in found) return found
  throw new UserError('checkpoint-corrupt', found.problem, { id })
}

async function list(services: Services, offset: number) {
  const { behaviours, damaged } = await services.behaviours.list()
  return { behaviours: fitting(behaviours.slice(offset)), damaged: offset === 0 ? [...damaged] : [] }
}

const nothing: BehaviourChanges = { changed: [], progressed: [], damaged: [], removed: [] }

/** All but how far a training is, as text that can be compared. */
const standing = (behaviour: BehaviourInfo): string =>
  JSON.stringify({ ...behaviour, lived: 0, progress: null, watched: [] })

/** Everything, then of each change no more than is new to the one who follows. */
function follow({ behaviours, changes }: Services, signal: AbortSignal): AsyncGenerator<BehaviourChanges> {
  /** What was sent of each and still stands. */
  const sent = new Map<string, string>()
  const told = async (id: string): Promise<BehaviourChanges> => {
    const found = await behaviours.look(id)
    const before = sent.get(id)
    sent.delete(id)
    if (found === null) return { ...nothing, removed: [id] }
    if (!('id' in found)) return { ...nothing, damaged: [found] }
    const now = standing(found)
    sent.set(id, now)
    const { lived, progress } = found
    return now === before
      ? { ...nothing, progressed: [{ id, lived, progress }] }
      : { ...nothing, changed: [found] }
  }
  return followTopic(changes, 'behaviours', signal, {
    pauseMs: 100,
    async first() {
      const all = await behaviours.list()
      for (const one of all.behaviours) sent.set(one.id, standing(one))
      const damaged = [...all.damaged]
      return pagesOf(all.behaviours).map((changed, page) => ({
        ...nothing,
        ...{ changed, damaged: page === 0 ? damaged : [] }
      }))
    },
    next: ids => Promise.all([...ids].map(told))
  })
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
