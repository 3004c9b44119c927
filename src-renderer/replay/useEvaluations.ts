import { shallowRef, type ShallowRef } from 'vue'
import type { Client } from '../../src-preload/contract/define.ts'
import type { Evaluation } from '../../src-preload/contract/evaluations.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'
import { useFollow } from '../client/useFollow.ts'

/** Evaluations by run id, each list by step. */
export type EvaluationsOf = ReadonlyMap<string, readonly Evaluation[]>

/** A list of evaluations of one run with newer ones in place of those of the same step, by step. */
export function mergeEvaluations(
  known: readonly Evaluation[],
  items: readonly Evaluation[]
): readonly Evaluation[] {
  const steps = new Set(items.map(item => item.step))
  return [...known.filter(item => !steps.has(item.step)), ...items].sort((a, b) => a.step - b.step)
}

/** Evaluations of some runs, stored ones and new ones as they finish, for the life of the calling component. */
export function useEvaluations(
  client: Pick<Client<StitchworkContract>, 'evaluations'>,
  runIds: () => readonly string[],
  onError: (error: unknown) => void
): ShallowRef<EvaluationsOf> {
  const evaluations = shallowRef<EvaluationsOf>(new Map())
  useFollow({
    key: () => [...new Set(runIds())].sort().join(' '),
    open: (ids, signal) => client.evaluations.follow({ runIds: ids.split(' ') }, signal),
    onStart: () => (evaluations.value = new Map()),
    onItem: items => {
      const next = new Map(evaluations.value)
      for (const [runId, fresh] of Map.groupBy(items, item => item.runId))
        next.set(runId, mergeEvaluations(next.get(runId) ?? [], fresh))
      evaluations.value = next
    },
    onError
  })
  return evaluations
}
