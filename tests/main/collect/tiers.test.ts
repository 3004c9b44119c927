import { describe, expect, it } from 'vitest'
import type { Behaviour } from '../../../src-main/collect/behaviour.ts'
import { tierDataset } from '../../../src-main/collect/card.ts'
import type { LivedEpisode } from '../../../src-main/collect/lanes.ts'
import { initPpo } from '../../../src-main/collect/ppo/networks.ts'
import { makeTier, mediumOf, tierName } from '../../../src-main/collect/tiers.ts'
import type { TierRequest } from '../../../src-main/collect/tiers.ts'
import { engineById } from '../../../src-main/compute/index.ts'
import { environmentById } from '../../../src-main/environments/index.ts'

const hopper = environmentById('hopper-v2')!
const pendulum = environmentById('pendulum')!

/** Untrained networks with a history that a test writes. */
function behaviour(steps: number, meanReturn: number): Behaviour {
  const state = initPpo({ observationSize: 3, actionSize: 1, hiddenSizes: [4] }, 0)
  const actor = Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith('actor/')))
  const scale = { mean: new Float32Array(3), deviation: new Float32Array(3).fill(1) }
  return { environmentId: 'pendulum', learner: 'ppo', seed: 7, steps, returns: [meanReturn], scale, actor }
}
const history = [behaviour(1000, -1200), behaviour(2000, -900), behaviour(3000, -300), behaviour(4000, -400)]

const lived = (length: number): LivedEpisode => ({
  length,
  return: -length,
  endReason: 'truncated',
  observations: new Float32Array((length + 1) * 3),
  actions: new Float32Array(length),
  rewards: new Float32Array(length).fill(-1),
  positions: null,
  velocities: null
})

async function request(changes: Partial<TierRequest>): Promise<TierRequest> {
  return {
    environment: pendulum,
    engine: await engineById('onnx'),
    tier: 'random',
    behaviours: history,
    replay: async function* () {
      for (const episode of [lived(900), lived(900), lived(900)]) yield await Promise.resolve(episode)
    },
    transitions: 1000,
    seed: 0,
    noise: 0.1,
    ...changes
  }
}

describe('the name of a tier', () => {
  it('is expert only where the data of the expert reach 90', () => {
    expect(tierName('medium-expert', hopper, 3200)).toBe('medium-expert')
    expect(tierName('medium-expert', hopper, 2000)).toBe('medium-ppo62')
    expect(tierName('expert', hopper, 2000)).toBe('ppo62')
    expect(tierName('mixed-5', hopper, 2000)).toBe('mixed-5-ppo62')
    expect(tierName('expert', hopper, 2000, 'ars')).toBe('ars62')
  })

  it('has the return where there is nothing to normalise by', () => {
    const bare = { ...hopper, info: { ...hopper.info, scoreReference: null } }
    expect(tierName('expert', bare, 2000.4)).toBe('ppo-return2000')
  })
})

describe('tiers', () => {
  it('take as medium the first checkpoint a third of the way to the best', () => {
    expect(mediumOf(history).steps).toBe(2000)
    expect(mediumOf([behaviour(500, NaN), ...history]).steps).toBe(2000)
  })

  it('replay what was lived until the medium checkpoint, and no more', async () => {
    const [part] = await makeTier(await request({ tier: 'medium-replay' }))
    expect(part.episodes).toHaveLength(3)
    const short = await request({ tier: 'medium-replay', behaviours: [behaviour(900, -1)] })
    expect((await makeTier(short))[0].episodes).toHaveLength(1)
  })

  it('mix whole episodes of the best policy into random ones', async () => {
    const parts = await makeTier(await request({ tier: 'mixed-20' }))
    expect(parts.map(({ source, episodes }) => [source, episodes.length])).toEqual([
      ['expert', 1],
      ['random', 4]
    ])
    expect(parts[0].behaviour?.steps).toBe(3000)
  })

  it('are the same for the same seed', async () => {
    const once = await makeTier(await request({ tier: 'medium' }))
    expect(await makeTier(await request({ tier: 'medium' }))).toEqual(once)
    expect(await makeTier(await request({ tier: 'medium', seed: 1 }))).not.toEqual(once)
  })

  it('carry a card that says who acted, how well it was measured to act, and with what noise', async () => {
    const asked = await request({ tier: 'medium-expert', transitions: 800 })
    const { description, columns } = tierDataset(asked, await makeTier(asked))
    expect(columns.episodes.map(({ source }) => source)).toEqual(['medium', 'medium', 'expert', 'expert'])
    expect(description.provenance['behaviour expert']).toMatch(
      /^PPO seed 7 after 3000 steps \(return without noise -300\.0 .* over 1 episodes\), actions with normal noise 0\.1: 2 episodes/
    )
    expect(description.environmentId).toBe('pendulum')
    expect(description.name).toMatch(/^pendulum medium-ppo-?\d+$/)
  })

  it('say on the card where less was kept than was lived until the medium checkpoint', async () => {
    const card = async (medium: number) => {
      const asked = await request({ tier: 'medium-replay', behaviours: [behaviour(medium, -1)] })
      return tierDataset(asked, await makeTier(asked)).description.provenance['behaviour replay']
    }
    expect(await card(2700)).toMatch(
      /lived through in its first 2700 steps, exploration included: 3 episodes/
    )
    expect(await card(4000)).toContain(
      'first 2700 steps (its medium checkpoint came after 4000), exploration'
    )
  })

  it('have no minus before a score of zero', async () => {
    const zero = { low: -1000.01, high: 9000, source: 'test' }
    const environment = { ...pendulum, info: { ...pendulum.info, scoreReference: zero } }
    const asked = await request({ environment, tier: 'medium', behaviours: [behaviour(10, -1001)] })
    const { description } = tierDataset(asked, await makeTier(asked))
    expect(description.provenance['behaviour medium']).toContain(
      'return without noise -1001.0 (normalised 0.0)'
    )
  })

  it('keeps the joints of a robot at every step', async () => {
    const asked = await request({ environment: hopper, transitions: 50 })
    const { columns } = tierDataset(asked, await makeTier(asked))
    const rows = columns.episodes.reduce((sum, { length }) => sum + length + 1, 0)
    expect(columns.states).toMatchObject({ positionSize: 6, velocitySize: 6 })
    expect(columns.states!.positions).toHaveLength(6 * rows)
    // The hopper sees all joints but its place along the track, in this order.
    expect([...columns.states!.positions.subarray(1, 6)]).toEqual([...columns.observations.subarray(0, 5)])
  })
})
