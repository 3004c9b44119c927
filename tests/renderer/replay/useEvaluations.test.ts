import { describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import type { Evaluation } from '../../../src-preload/contract/evaluations.ts'
import { useEvaluations } from '../../../src-renderer/replay/useEvaluations.ts'
import { useTracks, type TrackRequest } from '../../../src-renderer/replay/useTracks.ts'
import { evaluation, rollout } from './support.ts'

vi.mock('../../../src-renderer/client/index.ts', () => ({
  useConnection: () => ({ opened: () => Promise.resolve() })
}))

const of = (runId: string, step: number): Evaluation => ({ ...evaluation(step, [1]), runId })
const unexpected = (error: unknown): void => {
  throw error
}
const never = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve()))

/** A host that answers at once and whose streams bring nothing until they are closed. */
function host(stored: Readonly<Record<string, readonly Evaluation[]>>) {
  const list = vi.fn(({ runId }: { runId: string }) => {
    const found = stored[runId]
    return found ? Promise.resolve(found) : Promise.reject(new Error(`no run ${runId}`))
  })
  async function* follow(_: unknown, signal: AbortSignal): AsyncGenerator<Evaluation[]> {
    await never(signal)
    yield []
  }
  return { list, client: { evaluations: { list, follow } } as never }
}

describe('evaluations of runs', () => {
  it('are there after one answer, also for a run that has none, and stay known when others are followed', async () => {
    const { client, list } = host({ a: [of('a', 100)], b: [] })
    const ids = ref(['a'])
    const scope = effectScope()
    const evaluations = scope.run(() => useEvaluations(client, () => ids.value, unexpected))
    await vi.waitFor(() => expect(evaluations?.value.get('a')).toHaveLength(1))
    ids.value = ['b']
    await vi.waitFor(() => expect(evaluations?.value.get('b')).toEqual([]))
    ids.value = ['a']
    await nextTick()
    expect(evaluations?.value.get('a')?.map(({ step }) => step)).toEqual([100])
    expect(list).toHaveBeenCalledTimes(2)
    scope.stop()
  })

  it('of a run that is gone count as none', async () => {
    const { client } = host({})
    const scope = effectScope()
    const evaluations = scope.run(() => useEvaluations(client, () => ['gone'], unexpected))
    await vi.waitFor(() => expect(evaluations?.value.get('gone')).toEqual([]))
    scope.stop()
  })
})

describe('tracks', () => {
  const request = (step: number): TrackRequest => ({
    kind: 'run',
    runId: 'r',
    step,
    episode: 0,
    name: 'n',
    colour: '#123'
  })

  it('stay while it is not known what is meant, and go when nothing is', async () => {
    const client = { evaluations: { rollout: () => Promise.resolve(rollout([0, 1, 2])) } } as never
    const wanted = shallowRef<readonly TrackRequest[] | null>([request(1)])
    const scope = effectScope()
    const shown = scope.run(() => useTracks(client, () => wanted.value, unexpected))
    const ids = () => shown?.tracks.value.map(({ id }) => id)
    await vi.waitFor(() => expect(ids()).toEqual(['r/1/0']))
    wanted.value = null
    await nextTick()
    expect(ids()).toEqual(['r/1/0'])
    wanted.value = [request(2)]
    await vi.waitFor(() => expect(ids()).toEqual(['r/2/0']))
    wanted.value = []
    await vi.waitFor(() => expect(ids()).toEqual([]))
    scope.stop()
  })
})
