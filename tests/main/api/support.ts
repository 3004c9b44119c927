import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createClient } from '../../../src-preload/contract/client.ts'
import { contract } from '../../../src-preload/contract/index.ts'
import { toScalar } from '../../../src-preload/contract/values.ts'
import { ChangeHub } from '../../../src-main/api/changes.ts'
import { createDatasetParts } from '../../../src-main/api/datasetParts.ts'
import { FileAccess } from '../../../src-main/api/fileAccess.ts'
import { createHandlers } from '../../../src-main/api/handlers.ts'
import { memoryPorts } from '../../../src-main/api/ports/memory.ts'
import { createRouter } from '../../../src-main/api/router.ts'
import type { HostFeatures, Services } from '../../../src-main/api/services.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { updateRun } from '../../../src-main/store/runs.ts'
import { createEngineChoice } from '../../../src-main/engines/choice.ts'
import { createEngineManager } from '../../../src-main/engines/manager.ts'
import type { RunSupervisor } from '../../../src-main/training/supervisorInterface.ts'
import { temporaryStore } from '../store/support.ts'

const eagerInfo = {
  ...{ id: 'eager', title: 'Eager', available: true, version: '1', device: 'cpu', reason: null }
}
const silent = { info: () => undefined, warning: () => undefined, error: () => undefined }

/** A supervisor without trainers: requests only change the stored state. */
function idleSupervisor(services: Pick<Services, 'store' | 'changes'>, active: Set<string>): RunSupervisor {
  const { db } = services.store
  const move = (ids: readonly string[], state: 'paused' | 'queued' | 'stopped') => {
    ids.forEach(id => updateRun(db, id, { state }))
    services.changes.runsChanged(ids)
  }
  let slots = 1
  return {
    estimate: async () => ({
      runs: 2,
      seconds: null,
      basis: 'nothing measured yet',
      rolloutBytes: 0,
      problems: []
    }),
    create: async () => ({ experimentId: 'first', runIds: ['a', 'b'] }),
    pause: async ids => move(ids, 'paused'),
    resume: async ids => move(ids, 'queued'),
    stop: async ids => move(ids, 'stopped'),
    isActive: id => active.has(id),
    slots: set => ({ slots: (slots = set ?? slots), cores: 4 }),
    evaluate: async ({ id, checkpointStep, episodes }) => ({
      ...{ runId: id, step: checkpointStep ?? 60, episodes, failedEpisodes: 0, score: null },
      ...{ returns: [NaN, 1].map(toScalar), lengths: [3, 4], outcomes: ['failed', 'goal'], rollouts: [] },
      ...{ meanReturn: 'NaN' as const, standardDeviation: 'NaN' as const, meanLength: 3.5 }
    }),
    export: async ({ id, what }) => ({ name: `${id}-${what}`, sizeBytes: 1, checked: null }),
    close: async () => undefined
  }
}

/** The whole contract over an in-memory port, results checked against their schemas; closed when the test ends. */
export function apiFixture(options: { host?: Partial<HostFeatures>; roots?: readonly string[] } = {}) {
  const store = temporaryStore()
  const changes = new ChangeHub()
  const active = new Set<string>()
  const parts = createDatasetParts({ home: store.home, processes: nodeProcessHost(), changes })
  const services: Services = {
    store,
    changes,
    log: silent,
    host: { kind: 'serve', version: '0.0.0', pick: null, reveal: null, ...options.host },
    files: new FileAccess({ roots: options.roots ?? [], headerBytes: 16, recognise: () => null }),
    runs: idleSupervisor({ store, changes }, active),
    engines: async () => [eagerInfo],
    engineChoice: createEngineChoice({
      file: join(store.home.root, 'engines', 'measurements.json'),
      machine: { processor: 'test', cores: 1 },
      engines: async () => [eagerInfo],
      measurer: async (_size, contestants) =>
        contestants.map(contestant => ({
          ...contestant,
          ...{ stepsPerSecond: 10, compileSeconds: 1, reason: null }
        })),
      otherRuns: () => 0,
      log: silent
    }),
    engineManager: createEngineManager({
      processes: nodeProcessHost(),
      folder: join(store.home.root, 'engines'),
      changed: () => undefined,
      usedBy: () => []
    }),
    ...parts
  }
  const router = createRouter(contract, createHandlers(services), { log: silent, checkResults: true })
  const [server, page] = memoryPorts()
  router.serve(server)
  onTestFinished(() => {
    page.close()
    parts.imports.close()
    parts.library.close()
  })
  return { client: createClient(contract, page), services, store, changes, active }
}

/** Items of a stream until `enough` says so. */
export async function take<T>(
  stream: AsyncIterable<T>,
  enough: (items: readonly T[]) => boolean
): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) {
    items.push(item)
    if (enough(items)) break
  }
  return items
}
