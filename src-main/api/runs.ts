import { rm } from 'node:fs/promises'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import type { LogLine, Run, runsContract } from '../../src-preload/contract/runs.ts'
import { UserError } from '../base/errors.ts'
import { listCheckpoints } from '../store/checkpoints.ts'
import { runFolder } from '../store/home.ts'
import { readLog } from '../store/log.ts'
import { findRuns, getRun, getRuns, listRuns, removeRuns, updateRun } from '../store/runs.ts'
import { saveSetting } from '../store/settings.ts'
import { transaction } from '../store/sql.ts'
import { followTopic } from './changes.ts'
import { fitting, pagesOf } from './pages.ts'
import type { Services } from './services.ts'

const logPage = 500

/** Answers `runs.*`. */
export function runsHandlers(services: Services): GroupHandlers<typeof runsContract> {
  const { db } = services.store
  const supervisor = services.runs
  /** Checks that the runs exist, asks the supervisor, and answers with their new state. */
  const ask = async (
    ids: readonly string[],
    request: (ids: readonly string[]) => Promise<void>
  ): Promise<Run[]> => {
    getRuns(db, ids)
    await request(ids)
    return fitting(getRuns(db, ids))
  }
  return {
    list: ({ archived, offset, limit }) => fitting(listRuns(db, archived).slice(offset, offset + limit)),
    get: ({ id }) => getRun(db, id),
    estimate: async plan => {
      const estimate = await supervisor.estimate(plan)
      return { ...estimate, problems: estimate.problems.map(problem => ({ ...problem })) }
    },
    create: async plan => {
      const { experimentId, runIds } = await supervisor.create(plan)
      return { experimentId, runIds: [...runIds], runs: fitting(getRuns(db, runIds)) }
    },
    pause: ({ ids }) => ask(ids, supervisor.pause.bind(supervisor)),
    resume: ({ ids, allowInexact }) => ask(ids, list => supervisor.resume(list, allowInexact)),
    stop: ({ ids }) => ask(ids, supervisor.stop.bind(supervisor)),
    edit: ({ id, ...changes }) => edit(services, [id], changes)[0],
    archive: ({ ids, archived }) => edit(services, ids, { archived }),
    remove: async ({ ids }) => {
      await remove(services, ids)
      return {}
    },
    checkpoints: ({ id }) =>
      listCheckpoints(db, getRun(db, id).id).map(({ step, createdAt, sizeBytes, kind }) => ({
        step,
        createdAt,
        sizeBytes,
        kind
      })),
    log: ({ id, after, limit }) => readLog(db, getRun(db, id).id, after, limit),
    follow: (_, { signal }) => follow(services, signal),
    followLog: ({ id, after }, { signal }) => followLog(services, getRun(db, id).id, after, signal),
    export: ({ id, what, checkpointStep }) =>
      supervisor.export({ id: getRun(db, id).id, what, checkpointStep }),
    slots: ({ set }) => {
      const answer = supervisor.slots(set)
      if (set !== null) saveSetting(db, 'slots', set)
      return answer
    }
  }
}

function edit(
  services: Services,
  ids: readonly string[],
  changes: { name?: string; note?: string; archived?: boolean }
): Run[] {
  const { db } = services.store
  transaction(db, () => ids.forEach(id => updateRun(db, getRun(db, id).id, changes)))
  services.changes.runsChanged(ids)
  return fitting(getRuns(db, ids))
}

/** Forgets runs, then deletes their folders; a crash in between leaves folders that the next start sweeps. */
async function remove(services: Services, ids: readonly string[]): Promise<void> {
  const { db, home } = services.store
  const active = getRuns(db, ids).find(run => services.runs.isActive(run.id))
  if (active !== undefined) {
    throw new UserError(
      'conflict',
      `the run "${active.name}" is ${active.state}; stop it before removing it`,
      { id: active.id }
    )
  }
  removeRuns(db, ids)
  services.changes.runsRemoved(ids)
  for (const id of ids) await rm(runFolder(home, id), { recursive: true, force: true })
}

function follow(services: Services, signal: AbortSignal) {
  const { db } = services.store
  return followTopic(services.changes, 'runs', signal, {
    pauseMs: 100,
    first: () => pagesOf(listRuns(db, true)).map(changed => ({ changed, removed: [] as string[] })),
    next: ids => {
      const changed = findRuns(db, [...ids])
      const found = new Set(changed.map(run => run.id))
      const removed = [...ids].filter(id => !found.has(id))
      return pagesOf(changed).map((page, i) => ({ changed: page, removed: i === 0 ? removed : [] }))
    }
  })
}

function followLog(services: Services, id: string, after: number, signal: AbortSignal) {
  let last = after
  function* newer(): Generator<LogLine[]> {
    for (
      let lines = readLog(services.store.db, id, last, logPage);
      lines.length > 0;
      lines = readLog(services.store.db, id, last, logPage)
    ) {
      last = lines[lines.length - 1].sequence
      yield* pagesOf(lines)
    }
  }
  return followTopic(services.changes, 'log', signal, {
    pauseMs: 100,
    first: newer,
    next: ids => (ids.has(id) ? newer() : [])
  })
}
