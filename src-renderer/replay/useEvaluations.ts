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

/** Up to this many runs are also asked for one by one: the answer tells a run without evaluations from one not heard of yet. */
const askedAtOnce = 6

/**
 * Evaluations of some runs, stored ones and new ones as they finish, for the life of the calling component. What is known of a run
 * stays known when others are followed, so that coming back to it shows at once.
 * @returns by run; of up to six runs each has an entry, if an empty one, as soon as the host has answered
 */
export function useEvaluations(
  client: Pick<Client<StitchworkContract>, 'evaluations'>,
  runIds: () => readonly string[],
  onError: (error: unknown) => void
): ShallowRef<EvaluationsOf> {
  const evaluations = shallowRef<EvaluationsOf>(new Map())
  const add = (found: Iterable<readonly [string, readonly Evaluation[]]>): void => {
    const next = new Map(evaluations.value)
    for (const [runId, fresh] of found) next.set(runId, mergeEvaluations(next.get(runId) ?? [], fresh))
    evaluations.value = next
  }
  const ask = async (runId: string): Promise<void> => {
    // The stream asks the same and tells what is wrong; here a failure only means that nothing is known.
    const found = await client.evaluations.list({ runId }).catch(() => [])
    add([[runId, found]])
  }
  const wanted = (): string[] => [...new Set(runIds())].sort()
  useFollow({
    key: () => wanted().join(' '),
    open: (ids, signal) => client.evaluations.follow({ runIds: ids.split(' ') }, signal),
    onStart: () => {
      const unknown = wanted().filter(id => !evaluations.value.has(id))
      if (unknown.length <= askedAtOnce) for (const id of unknown) void ask(id)
    },
    onItem: items => add(Map.groupBy(items, item => item.runId)),
    onError
  })
  return evaluations
}
