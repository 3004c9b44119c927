import { join } from 'node:path'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import type { Evaluation, evaluationsContract, Rollout } from '../../src-preload/contract/evaluations.ts'
import { encodeColumn, toScalar, type ColumnArray } from '../../src-preload/contract/values.ts'
import { UserError } from '../base/errors.ts'
import { evaluationsAfter, findRollout, listEvaluations } from '../store/evaluations.ts'
import { rolloutFolder } from '../store/home.ts'
import { findRuns, getRun } from '../store/runs.ts'
import { readRollout } from '../training/rolloutFiles.ts'
import { followTopic } from './changes.ts'
import { pagesOf } from './pages.ts'
import type { Services } from './services.ts'

/** Answers `evaluations.*`. */
export const evaluationsHandlers = (services: Services): GroupHandlers<typeof evaluationsContract> => ({
  list: ({ runId }) => listEvaluations(services.store.db, getRun(services.store.db, runId).id),
  run: ({ runId, ...asked }, { signal }) => services.runs.evaluate({ id: runId, ...asked }, signal),
  rollout: ({ runId, step, episode }) => rollout(services, runId, step, episode),
  follow: ({ runIds }, { signal }) => follow(services, runIds, signal)
})

async function rollout(services: Services, runId: string, step: number, episode: number): Promise<Rollout> {
  const { db, home } = services.store
  const run = getRun(db, runId)
  const record = findRollout(db, run.id, step, episode)
  if (record === undefined) {
    throw new UserError(
      'not-found',
      `run "${run.name}" keeps no rollout of episode ${episode} at step ${step}`,
      { runId, step, episode }
    )
  }
  const place = `episode ${episode} of run "${run.name}" at step ${step}`
  const stored = await readRollout(join(rolloutFolder(home, run.id), record.file)).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error
    const next = `it is ${place}; evaluate that checkpoint again, keeping episodes, to have it anew`
    throw new UserError(error.code, `${error.message}: ${next}`, error.details)
  })
  return {
    runId,
    step,
    episode,
    environmentId: stored.environmentId,
    return: toScalar(record.return),
    outcome: record.outcome,
    observations: columnOf(stored.observations),
    actions: columnOf(stored.actions),
    rewards: columnOf(stored.rewards),
    positions: stored.positions === null ? null : columnOf(stored.positions),
    qValues: stored.q === null ? null : columnOf(stored.q),
    values: stored.v === null ? null : columnOf(stored.v),
    advantages: stored.advantage === null ? null : columnOf(stored.advantage),
    advantageFrom: stored.advantage?.from ?? null,
    goal: stored.goal
  }
}

const columnOf = (tensor: { readonly shape: readonly number[]; readonly data: unknown }) =>
  encodeColumn(tensor.data as ColumnArray, tensor.shape)

function follow(
  services: Services,
  runIds: readonly string[],
  signal: AbortSignal
): AsyncIterable<Evaluation[]> {
  const { db } = services.store
  const cursors = new Map(findRuns(db, runIds).map(run => [run.id, 0]))
  function* newer(ids: Iterable<string>): Generator<Evaluation[]> {
    for (const id of ids) {
      const after = cursors.get(id)
      if (after === undefined) continue
      const { evaluations, sequence } = evaluationsAfter(db, id, after)
      cursors.set(id, sequence)
      if (evaluations.length > 0) yield* pagesOf(evaluations)
    }
  }
  function* stored(): Generator<Evaluation[]> {
    yield* newer(cursors.keys())
    yield []
  }
  return followTopic(services.changes, 'evaluations', signal, { pauseMs: 50, first: stored, next: newer })
}
