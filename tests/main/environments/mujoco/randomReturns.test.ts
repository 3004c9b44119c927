/** Returns of uniform random actions beside samples of the originals, within three standard errors of both together. */
import { describe, expect, it } from 'vitest'
import { preparedRobot, randomEpisode } from './prepared.ts'

interface Sample {
  readonly id: string
  readonly episodes: number
  readonly mean: number
  /** Null where only the mean is known. */
  readonly deviation: number | null
}

/** Gymnasium 1.4.0 with MuJoCo 3.1.6 (v4, v5); gym's v2 robots in an earlier measurement with another implementation. */
const originals: readonly Sample[] = [
  { id: 'halfcheetah-v2', episodes: 100, mean: -273.9, deviation: 70 },
  { id: 'halfcheetah-v4', episodes: 100, mean: -277.02, deviation: 90.17 },
  { id: 'hopper-v2', episodes: 100, mean: 17.9, deviation: null },
  { id: 'hopper-v4', episodes: 500, mean: 19.998, deviation: 21.216 },
  { id: 'hopper-v5', episodes: 500, mean: 18.998, deviation: 21.216 },
  { id: 'walker2d-v2', episodes: 100, mean: 0.9, deviation: null },
  { id: 'walker2d-v4', episodes: 500, mean: 3.037, deviation: 6.385 },
  { id: 'walker2d-v5', episodes: 500, mean: 1.894, deviation: 6.54 },
  { id: 'ant-v2', episodes: 100, mean: -59, deviation: null },
  { id: 'ant-v5', episodes: 150, mean: -53.32, deviation: 91.19 }
]

const episodesOf = (id: string): number =>
  id.startsWith('halfcheetah') ? 8 : id.startsWith('ant') ? 20 : 100

describe.each(originals)('random actions on $id', ({ id, episodes, mean, deviation }) => {
  it('earn what they earn in the original', async () => {
    const environment = await preparedRobot(id)
    const returns = Array.from(
      { length: episodesOf(id) },
      (_, seed) => randomEpisode(environment, seed).return
    )
    const ours = returns.reduce((sum, value) => sum + value, 0) / returns.length
    const spread = Math.sqrt(
      returns.reduce((sum, value) => sum + (value - ours) ** 2, 0) / (returns.length - 1)
    )
    const error = Math.hypot(spread / Math.sqrt(returns.length), (deviation ?? spread) / Math.sqrt(episodes))
    expect(Math.abs(ours - mean)).toBeLessThan(3 * error)
    // A sample too wide to tell anything would pass as well.
    if (deviation !== null) expect(spread / deviation).toSatisfy((ratio: number) => ratio > 0.5 && ratio < 2)
  }, 60_000)
})
