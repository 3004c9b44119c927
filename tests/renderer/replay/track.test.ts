import { expect, test } from 'vitest'
import { effectScope } from 'vue'
import { encodeColumn } from '../../../src-preload/contract/values.ts'
import { replayKey, useReplayClock } from '../../../src-renderer/replay/clock.ts'
import { valueStrips } from '../../../src-renderer/replay/strips.ts'
import { partingStep, trackOf } from '../../../src-renderer/replay/track.ts'

const rollout = (xs: number[], q: number[] | null) => ({
  runId: 'r',
  step: 100,
  episode: 0,
  environmentId: 'crossroads',
  return: 1,
  outcome: 'goal',
  observations: encodeColumn(Float32Array.from(xs.flatMap(x => [x, 0])), [xs.length, 2]),
  actions: encodeColumn(new Float32Array(2 * (xs.length - 1)), [xs.length - 1, 2]),
  rewards: encodeColumn(Float32Array.from(xs.slice(1).map((_, i) => i)), [xs.length - 1]),
  positions: null,
  qValues: q && encodeColumn(Float32Array.from(q)),
  values: q && encodeColumn(new Float32Array(q.length))
})
const track = (xs: number[], q: number[] | null = null, id = 't') =>
  trackOf(rollout(xs, q), { id, name: id, colour: '#123' })

test('a rollout becomes a track with one observation more than steps', () => {
  const decoded = track([0, 1, 2])
  expect(decoded.length).toBe(2)
  expect([...decoded.observations]).toEqual([0, 0, 1, 0, 2, 0])
})

test('two tracks part at the first step that differs by five percent of the range', () => {
  expect(partingStep(track([0, 1, 2, 3]), track([0, 1, 2.01, 9]))).toBe(3)
  expect(partingStep(track([0, 1]), track([0, 1]))).toBeNull()
})

test('strips show Q, V and advantage only for methods that have them', () => {
  const titles = (tracks: ReturnType<typeof track>[]) => valueStrips(tracks, 3).map(strip => strip.id)
  expect(titles([track([0, 1, 2])])).toEqual(['return', 'reward'])
  expect(titles([track([0, 1, 2]), track([0, 1, 2], [0.5, 0.7], 'u')])).toEqual([
    'return',
    'reward',
    'q',
    'v',
    'advantage'
  ])
  expect([...(valueStrips([track([0, 1, 2, 3])], 3)[0]?.spec.lines[0]?.y ?? [])]).toEqual([0, 1, 3])
})

test('keys move the replay within its length', () => {
  const scope = effectScope()
  scope.run(() => {
    const clock = useReplayClock(() => 20)
    const press = (key: string, shiftKey = false) =>
      replayKey(clock, new KeyboardEvent('keydown', { key, shiftKey }), 20)
    press('ArrowRight')
    press('ArrowRight', true)
    expect(clock.step.value).toBe(11)
    press('End')
    press('ArrowRight')
    expect(clock.step.value).toBe(20)
    press('Home')
    press('ArrowLeft')
    expect(clock.step.value).toBe(0)
    press('.')
    expect(clock.speed.value).toBe(20)
    expect(press('q')).toBe(false)
  })
  scope.stop()
})
