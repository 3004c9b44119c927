import { describe, expect, it } from 'vitest'
import { crossroads } from '../../../src-main/environments/crossroads.ts'
import type { Environment } from '../../../src-main/environments/environment.ts'
import { rollOut } from '../../../src-main/evaluation/rollouts.ts'
import type { BatchPolicy } from '../../../src-main/evaluation/rollouts.ts'

/** Counts up by the action; ends at 3, at most 5 steps; observation and reward are the count. */
const counter: Environment = {
  id: 'counter',
  info: { ...crossroads.info, id: 'counter', maxSteps: 5 },
  observationSize: 1,
  actions: { kind: 'continuous', size: 1, low: [-10], high: [10] },
  stateSize: 1,
  maxSteps: 5,
  reset: (state, random) => {
    state[0] = random.uniform(0, 0.5)
  },
  observe: (state, observation) => {
    observation[0] = state[0]
  },
  step: (state, action) => {
    state[0] += action[0]
    return { reward: state[0], terminated: state[0] >= 3 }
  },
  outcome: (_state, terminated) => (terminated ? 'goal' : 'time')
}

/** A robot of one joint that an action speeds up; only its velocity is observed. */
const slider: Environment = {
  ...counter,
  stateSize: 3,
  maxSteps: 3,
  reset: state => void state.fill(0),
  observe: (state, observation) => void (observation[0] = state[1]),
  step: (state, action) => {
    state[1] += action[0]
    state[0] += state[1]
    return { reward: state[0], terminated: false }
  },
  robot: {
    ...{ positionSize: 1, velocitySize: 1, scene: {} as never },
    setState: (qpos, qvel, state) => void state.set([qpos[0], qvel[0], 0]),
    setStateFromObservation: () => false
  }
}

const constant = (value: number): BatchPolicy => ({
  act: async observations => new Float32Array(observations.length).fill(value)
})
/** Acts differently for each row. */
const perRow = (values: number[]): BatchPolicy => ({ act: async () => Float32Array.from(values) })

describe('rollOut', () => {
  it('tells termination from reaching the horizon and sums rewards without discount', async () => {
    const result = await rollOut(counter, perRow([1, 0]), { episodes: 2, seed: 3, keep: 2 })
    expect(result.outcomes).toEqual(['goal', 'time'])
    expect([...result.lengths]).toEqual([3, 5])
    const [start0, start1] = result.rollouts.map(rollout => rollout.observations[0])
    expect(result.returns[0]).toBeCloseTo(3 * start0 + 6, 5)
    expect(result.returns[1]).toBeCloseTo(5 * start1, 5)
    expect(result.rollouts.map(rollout => rollout.terminated)).toEqual([true, false])
  })

  it('gives episode i the same start whatever the policy and the number of episodes', async () => {
    const few = await rollOut(
      crossroads,
      { act: async () => new Float32Array(4) },
      { episodes: 2, seed: 7, keep: 2 }
    )
    const many = await rollOut(
      crossroads,
      { act: async () => new Float32Array(20).fill(1) },
      { episodes: 10, seed: 7, keep: 10 }
    )
    const starts = (result: typeof few) =>
      result.rollouts.slice(0, 2).map(rollout => [...rollout.observations.slice(0, 2)])
    expect(starts(few)).toEqual(starts(many))
    expect(starts(many)[0]).not.toEqual(starts(many)[1])
    const other = await rollOut(
      crossroads,
      { act: async () => new Float32Array(4) },
      { episodes: 2, seed: 8, keep: 2 }
    )
    expect(starts(other)).not.toEqual(starts(few))
  })

  it('scores a non-finite action or an exploded state as a failed episode, and the others as usual', async () => {
    const result = await rollOut(counter, perRow([NaN, 1, -1e30]), { episodes: 3, seed: 0, keep: 3 })
    expect(result.outcomes).toEqual(['failed', 'goal', 'failed'])
    expect(result.failedEpisodes).toBe(2)
    expect(result.returns[0]).toBeNaN()
    expect(result.returns[1]).toBeGreaterThan(6)
    expect(result.returns[2]).toBeNaN()
    expect([...result.lengths]).toEqual([0, 3, 1])
    expect(result.rollouts[0].observations).toHaveLength(1)
    expect(result.rollouts[2].observations).toHaveLength(2)
  })

  it('refuses an action index outside the choices', async () => {
    const discrete: Environment = { ...counter, actions: { kind: 'discrete', count: 2 } }
    const result = await rollOut(discrete, perRow([2, 1, 0.5, -1]), { episodes: 4, seed: 0, keep: 0 })
    expect(result.outcomes).toEqual(['failed', 'goal', 'failed', 'failed'])
  })

  it('keeps shapes fixed while episodes end, with the last observation of those that did', async () => {
    const seen: number[][] = []
    const policy: BatchPolicy = {
      act: async observations => {
        seen.push([...observations])
        return Float32Array.from([3, 0.1])
      }
    }
    await rollOut(counter, policy, { episodes: 2, seed: 1, keep: 0 })
    expect(seen).toHaveLength(5)
    expect(seen.every(rows => rows.length === 2)).toBe(true)
    expect(seen[4][0]).toBe(seen[1][0])
    expect(seen[4][0]).toBeGreaterThanOrEqual(3)
  })

  it('keeps whole episodes with values aligned to their steps', async () => {
    const sizes: number[] = []
    const policy: BatchPolicy = {
      act: perRow([1, 2, 0.25]).act,
      values: async (observations, actions) => {
        sizes.push(observations.length)
        return { q: observations.map((o, i) => 10 * o + actions[i]), v: observations.map(o => -o) }
      }
    }
    const { rollouts } = await rollOut(counter, policy, { episodes: 3, seed: 2, keep: 3 })
    for (const rollout of rollouts) {
      expect(rollout.observations).toHaveLength(rollout.length + 1)
      expect(rollout.rewards).toHaveLength(rollout.length)
      rollout.actions.forEach((action, t) => {
        expect(rollout.q?.[t]).toBeCloseTo(10 * rollout.observations[t] + action, 5)
        expect(rollout.v?.[t]).toBe(-rollout.observations[t])
      })
    }
    expect(new Set(sizes)).toEqual(new Set([3]))
    expect(sizes).toHaveLength(Math.ceil(rollouts.reduce((sum, r) => sum + r.length + 1, 0) / 3))
  })

  it('has null for values that the policy does not have', async () => {
    const withV: BatchPolicy = { ...constant(1), values: async observations => ({ v: observations }) }
    const [kept] = (await rollOut(counter, withV, { episodes: 1, seed: 0, keep: 1 })).rollouts
    expect(kept.q).toBeNull()
    expect(kept.v).toHaveLength(kept.length)
    const [plain] = (await rollOut(counter, constant(1), { episodes: 1, seed: 0, keep: 1 })).rollouts
    expect(plain.v).toBeNull()
  })

  it('asks for values in calls of their own number of rows', async () => {
    const sizes: number[] = []
    const policy: BatchPolicy = {
      ...constant(1),
      valueRows: 4,
      values: async observations => (sizes.push(observations.length), { v: observations.slice() })
    }
    const [kept] = (await rollOut(counter, policy, { episodes: 1, seed: 0, keep: 1 })).rollouts
    expect(sizes).toEqual([4])
    expect([...kept.v!]).toEqual([...kept.observations.slice(0, -1)])
  })

  it('plays a range of episodes, in more rows than it has, as the whole set would', async () => {
    const policy: BatchPolicy = {
      act: async observations => observations.map(observation => 0.3 + observation)
    }
    const whole = await rollOut(counter, policy, { episodes: 6, seed: 4, keep: 4 })
    const range = await rollOut(counter, policy, { first: 3, episodes: 2, rows: 5, seed: 4, keep: 4 })
    expect(range.returns).toEqual(whole.returns.slice(3, 5))
    expect(range.lengths).toEqual(whole.lengths.slice(3, 5))
    expect(range.rollouts).toEqual(whole.rollouts.slice(3))
  })

  describe('the advantage of a policy with V alone', () => {
    const returnToGo = { discount: 0.5, shift: -1 }
    const withV: BatchPolicy = {
      act: perRow([2, 0, NaN]).act,
      values: async observations => ({ v: observations.map(o => 10 + o) })
    }
    const played = () => rollOut(counter, withV, { episodes: 3, seed: 3, keep: 3, returnToGo })

    it('is what came after minus V, with V of the last observation for what a time limit cut off', async () => {
      const [goal, time] = (await played()).rollouts
      const [r0, r1] = goal.rewards
      expect([goal.outcome, goal.length]).toEqual(['goal', 2])
      expect(goal.returnAdvantage![0]).toBeCloseTo(r0 - 1 + 0.5 * (r1 - 1) - goal.v![0], 5)
      expect(goal.returnAdvantage![1]).toBeCloseTo(r1 - 1 - goal.v![1], 5)
      const last = time.length - 1
      const beyond = 10 + time.observations[time.length]
      expect(time.outcome).toBe('time')
      expect(time.returnAdvantage![last]).toBeCloseTo(
        time.rewards[last] - 1 + 0.5 * beyond - time.v![last],
        5
      )
    })

    it('is not there beside Q, and nothing is made up for an episode that failed', async () => {
      const both = { ...withV, values: async (o: Float32Array) => ({ q: o.slice(), v: o.slice() }) }
      const options = { episodes: 3, seed: 3, keep: 3, returnToGo }
      const { rollouts } = await rollOut(counter, both, options)
      expect(rollouts.map(rollout => rollout.returnAdvantage)).toEqual([null, null, null])
      const once: Environment = { ...counter, step: () => ({ reward: NaN, terminated: false }) }
      const [failed] = (await rollOut(once, withV, options)).rollouts
      expect(failed.outcome).toBe('failed')
      expect([...failed.returnAdvantage!]).toEqual([NaN])
    })
  })

  it('keeps the joints of a robot beside its observations', async () => {
    const { rollouts } = await rollOut(slider, perRow([1, -1]), { episodes: 2, seed: 0, keep: 1 })
    expect(rollouts).toHaveLength(1)
    const [{ positions, velocities, observations }] = rollouts
    expect([...positions!]).toEqual([0, 1, 3, 6])
    expect([...velocities!]).toEqual([0, 1, 2, 3])
    expect([...observations]).toEqual([0, 1, 2, 3])
  })

  it('stops with the reason of its signal', async () => {
    const controller = new AbortController()
    let calls = 0
    const policy: BatchPolicy = {
      act: async observations => {
        if (++calls === 2) controller.abort(new Error('stop asked'))
        return new Float32Array(observations.length)
      }
    }
    await expect(
      rollOut(counter, policy, { episodes: 2, seed: 0, keep: 0, signal: controller.signal })
    ).rejects.toThrow('stop asked')
    expect(calls).toBe(2)
  })

  it('lets the event loop run during a long simulation', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const long: Environment = { ...counter, maxSteps: 20_000, step: () => ({ reward: 0, terminated: false }) }
    await rollOut(long, constant(0), { episodes: 8, seed: 0, keep: 0 })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(2)
  })
})
