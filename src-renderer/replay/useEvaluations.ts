import { shallowRef, type ShallowRef } from 'vue'
import type { Client } from '../../src-preload/contract/define.ts'
import type { Evaluation } from '../../src-preload/contract/evaluations.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'
import { useFollow } from '../client/useFollow.ts'

/** Evaluations by run id, each list by step. */
export type EvaluationsOf = ReadonlyMap<string, readonly Evaluation[]>

type EvaluationsClient = Pick<Client<StitchworkContract>, 'evaluations'>

/** What each host has told, for all views of it: coming back to a run shows at once. */
const told = new WeakMap<EvaluationsClient, ShallowRef<EvaluationsOf>>()

function toldBy(client: EvaluationsClient): ShallowRef<EvaluationsOf> {
  const known = told.get(client) ?? shallowRef<EvaluationsOf>(new Map())
  told.set(client, known)
  return known
}

/** Runs that are remembered besides those that are looked at. */
const rememberedRuns = 256

/** Forgets what was told longest ago of runs that nobody looks at. */
function forget(known: Map<string, readonly Evaluation[]>, wanted: readonly string[]): void {
  const others = [...known.keys()].filter(id => !wanted.includes(id))
  for (const id of others.slice(0, Math.max(0, others.length - rememberedRuns))) known.delete(id)
}

/** A list of evaluations of one run with newer ones in place of those of the same step, by step. */
export function mergeEvaluations(
  known: readonly Evaluation[],
  items: readonly Evaluation[]
): readonly Evaluation[] {
  const steps = new Set(items.map(item => item.step))
  return [...known.filter(item => !steps.has(item.step)), ...items].sort((a, b) => a.step - b.step)
}

/**
 * Evaluations of some runs, stored ones and new ones as they finish, for the life of the calling component.
 * @returns by run; each of the runs has an entry, if an empty one, as soon as the host has told what is stored
 */
export function useEvaluations(
  client: EvaluationsClient,
  runIds: () => readonly string[],
  onError: (error: unknown) => void
): ShallowRef<EvaluationsOf> {
  const evaluations = toldBy(client)
  const wanted = (): string[] => [...new Set(runIds())].sort()
  /** What a stream has told of the store, until that is all; null from then on. */
  let stored: Map<string, readonly Evaluation[]> | null = null

  const add = (items: readonly Evaluation[], to: Map<string, readonly Evaluation[]>): void => {
    for (const [runId, fresh] of Map.groupBy(items, item => item.runId))
      to.set(runId, mergeEvaluations(to.get(runId) ?? [], fresh))
  }
  function receive(items: readonly Evaluation[]): void {
    const next = new Map(evaluations.value)
    if (stored !== null) add(items, stored)
    add(items, next)
    // An empty page ends what is stored: what was known besides is gone.
    if (items.length === 0 && stored !== null) {
      for (const id of wanted()) next.set(id, stored.get(id) ?? [])
      stored = null
      forget(next, wanted())
    }
    evaluations.value = next
  }
  useFollow({
    key: () => wanted().join(' '),
    open: (ids, signal) => {
      stored = new Map()
      return client.evaluations.follow({ runIds: ids.split(' ') }, signal)
    },
    onStart: () => undefined,
    onItem: receive,
    onError
  })
  return evaluations
}
