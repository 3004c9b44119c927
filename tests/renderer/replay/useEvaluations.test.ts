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

/** A host that tells what is stored, an empty page, and nothing more until the stream is closed. */
function host(stored: Record<string, readonly Evaluation[]>) {
  const asked: string[][] = []
  async function* follow(
    { runIds }: { readonly runIds: string[] },
    signal: AbortSignal
  ): AsyncGenerator<readonly Evaluation[]> {
    asked.push(runIds)
    for (const id of runIds) if (stored[id]?.length) yield stored[id]
    yield []
    await never(signal)
  }
  return { asked, client: { evaluations: { follow } } as never }
}

describe('evaluations of runs', () => {
  const steps = (evaluations: ReturnType<typeof useEvaluations>, id: string) =>
    evaluations.value.get(id)?.map(({ step }) => step)
  const inScope = <T>(run: () => T) => {
    const scope = effectScope()
    const made = scope.run(run)
    if (made === undefined) throw new Error('nothing was made')
    return { made, stop: () => scope.stop() }
  }

  it('are there after one request, also for a run that has none, and stay known when others are followed', async () => {
    const { client, asked } = host({ a: [of('a', 100)], b: [] })
    const ids = ref(['a'])
    const { made: evaluations, stop } = inScope(() => useEvaluations(client, () => ids.value, unexpected))
    await vi.waitFor(() => expect(steps(evaluations, 'a')).toEqual([100]))
    expect(steps(evaluations, 'b')).toBeUndefined()
    ids.value = ['b']
    await vi.waitFor(() => expect(steps(evaluations, 'b')).toEqual([]))
    expect(steps(evaluations, 'a')).toEqual([100])
    expect(asked).toEqual([['a'], ['b']])
    stop()
  })

  it('that one view was told are known to the next one at once, which learns what has gone since', async () => {
    const stored: Record<string, readonly Evaluation[]> = { a: [of('a', 100), of('a', 200)] }
    const { client } = host(stored)
    const first = inScope(() => useEvaluations(client, () => ['a'], unexpected))
    await vi.waitFor(() => expect(steps(first.made, 'a')).toEqual([100, 200]))
    first.stop()
    stored.a = [of('a', 100)]
    const next = inScope(() => useEvaluations(client, () => ['a'], unexpected))
    expect(steps(next.made, 'a')).toEqual([100, 200])
    await vi.waitFor(() => expect(steps(next.made, 'a')).toEqual([100]))
    next.stop()
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

  it('that cannot be loaded are told and left out, and the others are shown', async () => {
    const broken = new Error('this rollout cannot be read: its rewards have shape [3], not [2]')
    const answer = ({ step }: { step: number }) =>
      step === 2 ? Promise.reject(broken) : Promise.resolve(rollout([0, 1, 2]))
    const client = { evaluations: { rollout: answer } } as never
    const wanted = shallowRef<readonly TrackRequest[]>([request(1), request(2)])
    const told: unknown[] = []
    const scope = effectScope()
    const shown = scope.run(() =>
      useTracks(
        client,
        () => wanted.value,
        error => told.push(error)
      )
    )
    await vi.waitFor(() => expect(shown?.loading.value).toBe(false))
    expect(shown?.tracks.value.map(({ id }) => id)).toEqual(['r/1/0'])
    expect([told, shown?.problem.value]).toEqual([[broken], broken])
    wanted.value = [request(3)]
    await vi.waitFor(() => expect(shown?.tracks.value.map(({ id }) => id)).toEqual(['r/3/0']))
    expect(shown?.problem.value).toBeNull()
    scope.stop()
  })
})
