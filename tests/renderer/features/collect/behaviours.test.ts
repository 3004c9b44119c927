import { describe, expect, it } from 'vitest'
import type { BehaviourChanges, BehaviourInfo } from '../../../../src-preload/contract/collect.ts'
import { behavioursWith } from '../../../../src-renderer/features/collect/behaviours.ts'

const behaviour = (seed: number): BehaviourInfo => ({
  ...{ id: `hopper-v2-ppo-seed${seed}`, environmentId: 'hopper-v2', learner: 'ppo', seed, steps: 4000 },
  ...{
    lived: 1000,
    state: 'training',
    reason: null,
    problem: null,
    progress: null,
    watched: [],
    stretches: []
  },
  ...{ resumable: false, createdAt: seed, hasReplay: false, checkpoints: [] }
})
const changes = (some: Partial<BehaviourChanges>): BehaviourChanges => ({
  ...{ changed: [], progressed: [], damaged: [], removed: [] },
  ...some
})
const first = changes({ changed: [behaviour(1), behaviour(2)], damaged: [{ name: 'x', problem: 'cut off' }] })
const all = behavioursWith(null, first, true)

describe('the list of behaviours', () => {
  it('holds what a stream begins with, newest first, and forgets what another does not name', () => {
    expect(all.behaviours.map(({ seed }) => seed)).toEqual([2, 1])
    const again = behavioursWith(all, changes({ changed: [behaviour(1)] }), true)
    expect(again).toEqual({ behaviours: [behaviour(1)], damaged: [] })
  })

  it('takes changes in beside what stays', () => {
    const now = behavioursWith(all, changes({ changed: [{ ...behaviour(1), state: 'stopped' }] }), false)
    expect(now.behaviours.map(({ state }) => state)).toEqual(['training', 'stopped'])
    expect(now.damaged).toEqual(all.damaged)
    expect(behavioursWith(all, changes({ removed: ['x', behaviour(2).id] }), false)).toEqual({
      behaviours: [behaviour(1)],
      damaged: []
    })
  })

  it('shows a behaviour as damaged or whole, never as both', () => {
    const { id } = behaviour(1)
    const damaged = behavioursWith(all, changes({ damaged: [{ name: id, problem: 'empty' }] }), false)
    expect(damaged.behaviours.map(({ seed }) => seed)).toEqual([2])
    expect(damaged.damaged.map(({ name }) => name)).toEqual(['x', id])
    const mended = behavioursWith(damaged, changes({ changed: [behaviour(1)] }), false)
    expect(mended).toEqual(all)
  })

  it('draws returns while learning on as they come, and anew where a training went on from an earlier step', () => {
    const at = (lived: number, recentReturn: number | null) => ({
      ...{ id: behaviour(2).id, lived, progress: { stepsPerSecond: 1, secondsLeft: 1, recentReturn } }
    })
    const told = [at(1100, null), at(1200, 5), at(1300, 7), at(1250, 6)].reduce(
      (list, one) => behavioursWith(list, changes({ progressed: [one] }), false),
      all
    )
    expect(told.behaviours[0]).toMatchObject({
      lived: 1250,
      progress: { recentReturn: 6 },
      watched: [
        [1200, 5],
        [1250, 6]
      ]
    })
    expect(told.behaviours[1]).toEqual(behaviour(1))
  })
})
