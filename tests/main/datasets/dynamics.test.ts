import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fromScalar } from '../../../src-preload/contract/values.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { buildColumns } from '../../../src-main/datasets/build.ts'
import type { DatasetColumns, RobotStates } from '../../../src-main/datasets/dataset.ts'
import { checkDynamics, dynamicsCandidates } from '../../../src-main/datasets/dynamics.ts'
import { positionsRecorded, positionsSeen } from '../../../src-main/datasets/episodePositions.ts'
import { openSource, readSource } from '../../../src-main/datasets/importers/index.ts'
import { environmentById, environments } from '../../../src-main/environments/index.ts'

const folder = fileURLToPath(new URL('../../../../shared/datasets/', import.meta.url))
const missing = !existsSync(folder)
const suffix = missing ? ' (SKIPPED: ../shared/datasets is not there)' : ''

/** A random episode of a simulated robot with its states, [T + 1] each. */
async function recorded(id: string, steps: number): Promise<DatasetColumns & { states: RobotStates }> {
  const environment = environmentById(id)!
  await environment.prepare?.()
  const { robot, observationSize } = environment
  const { positionSize, velocitySize } = robot!
  const random = new RandomSequence(1, 'test')
  const state = new Float64Array(environment.stateSize)
  const observation = new Float32Array(observationSize)
  const actionSize = environment.actions.kind === 'continuous' ? environment.actions.size : 1
  const [observations, actions, rewards, positions, velocities]: number[][] = [[], [], [], [], []]
  const keep = () => {
    environment.observe(state, observation)
    observations.push(...observation)
    positions.push(...state.subarray(0, positionSize))
    velocities.push(...state.subarray(positionSize, positionSize + velocitySize))
  }
  environment.reset(state, random)
  keep()
  for (let t = 0; t < steps; t++) {
    const action = Float32Array.from({ length: actionSize }, () => random.uniform(-1, 1))
    rewards.push(environment.step(state, action, random).reward)
    actions.push(...action)
    keep()
  }
  const columns = buildColumns({ observationSize, actionSize, hasRewards: true }, [
    {
      observations: Float32Array.from(observations),
      actions: Float32Array.from(actions),
      rewards: Float32Array.from(rewards),
      endReason: 'cut',
      source: ''
    }
  ])
  const states = {
    ...{ positionSize, velocitySize },
    positions: Float64Array.from(positions),
    velocities: Float64Array.from(velocities)
  }
  return { ...columns, states }
}

const check = (columns: DatasetColumns, named: string | null = null) =>
  checkDynamics(columns, dynamicsCandidates(columns, environments, named), { named })

describe('data of one variant', () => {
  it.each(['halfcheetah-v2', 'halfcheetah-v4', 'walker2d-v5'])('%s is told from the others', async id => {
    const { states: _, ...columns } = await recorded(id, 150)
    const result = await check(columns, id)
    expect(result).toMatchObject({ source: 'observations', fits: id })
    const [robot, version] = id.split('-')
    expect(result.sentence).toMatch(new RegExp(`^dynamics match ${version}\\b.*: median .*rounding floor`))
    const other = result.variants.find(
      variant => variant.environmentId === `${robot}-${version === 'v2' ? 'v4' : 'v2'}`
    )!
    expect(other.fits).toBe(false)
  })

  it('is found by sizes alone, among robots of the same sizes', async () => {
    const { states: _, ...columns } = await recorded('walker2d-v2', 100)
    const result = await check(columns)
    expect(result.variants.map(variant => variant.environmentId)).toContain('halfcheetah-v2')
    expect(result.fits).toBe('walker2d-v2')
    expect(result.sentence).toContain('walker2d-v2')
  })

  it('prefers the named one where two move the same way, and says so', async () => {
    const { states: _, ...columns } = await recorded('hopper-v5', 20)
    const result = await check(columns, 'hopper-v5')
    expect(result.fits).toBe('hopper-v5')
    expect(result.sentence).toContain('v4 moves the same way')
  })

  it('is repeated from recorded states down to the rounding of its observations', async () => {
    const columns = await recorded('halfcheetah-v4', 150)
    const result = await check(columns, 'halfcheetah-v4')
    expect(result.source).toBe('states')
    const own = result.variants.find(variant => variant.environmentId === 'halfcheetah-v4')!
    expect(fromScalar(own.maximum)).toBeLessThan(1e-5)
    expect(fromScalar(own.rewardMaximum!)).toBeLessThan(1e-5)
  })
})

describe('what cannot be compared', () => {
  it('says when no variant fits', async () => {
    const { states: _, ...columns } = await recorded('hopper-v4', 40)
    const actions = columns.actions.map(action => -action)
    const result = await check({ ...columns, actions }, 'hopper-v4')
    expect(result.fits).toBeNull()
    expect(result.sentence).toMatch(/^no variant fits: .*scores of simulated rollouts may not be comparable$/)
  })

  it('counts rows that are clipped, have no next observation, or are not finite', async () => {
    const { states: _, ...columns } = await recorded('hopper-v4', 12)
    const observations = columns.observations.slice()
    const size = columns.observationSize
    observations[3 * size + 7] = 10
    observations[8 * size + 2] = NaN
    const episodes = columns.episodes.map(episode => ({ ...episode, hasFinalObservation: false }))
    const result = await check({ ...columns, observations, episodes }, 'hopper-v4')
    // row 7 leads to row 8, so both rows touch what is not finite
    expect(result).toMatchObject({
      rows: 12,
      compared: 8,
      skipped: { clipped: 1, withoutNext: 1, nonFinite: 2 }
    })
  })

  it('has no candidates for data of other sizes', () => {
    expect(dynamicsCandidates({ observationSize: 3, actionSize: 1 }, environments)).toEqual([])
  })
})

describe.skipIf(missing)(`recordings of Gym v4${suffix}`, () => {
  it.each(['halfcheetah', 'hopper', 'walker2d', 'ant'])(
    '%s: v4 is within three rounding floors, v2 twenty times further off',
    async robot => {
      const source = await openSource(`${folder}cs285-${robot}-expert-v4.hdf5`)
      const { file } = await readSource(source, { answers: {}, progress: () => Promise.resolve() })
      const result = await check(file.columns, `${robot}-v4`)
      const median = (version: string) =>
        fromScalar(result.variants.find(one => one.environmentId === `${robot}-${version}`)!.median)
      expect(result.fits).toBe(`${robot}-v4`)
      expect(result.compared).toBeGreaterThan(200)
      expect(median('v4')).toBeLessThanOrEqual(3 * fromScalar(result.floor))
      expect(median('v2')).toBeGreaterThanOrEqual(20 * median('v4'))
    },
    60_000
  )
})

describe('positions of an episode', () => {
  it('come from observations, with the way gone summed from its velocity', async () => {
    const columns = await recorded('halfcheetah-v4', 100)
    const seen = positionsSeen(
      environmentById('halfcheetah-v4')!,
      columns.observations,
      columns.observationSize
    )!
    const { positions, positionSize: size } = columns.states
    expect(seen).toMatchObject({ size, from: 'observations' })
    for (let row = 0; row <= 100; row++) {
      expect(seen.positions[row * size + 2]).toBeCloseTo(positions[row * size + 2], 5)
      const gone = positions[row * size] - positions[0]
      expect(Math.abs(seen.positions[row * size] - gone)).toBeLessThan(0.1)
    }
    expect(Math.abs(positions[100 * size] - positions[0])).toBeGreaterThan(0.2)
  })

  it('are as recorded, and go on by the observation where the last one is missing', async () => {
    const columns = await recorded('halfcheetah-v4', 20)
    const { positions, positionSize: size } = columns.states
    const seen = positionsSeen(
      environmentById('halfcheetah-v4')!,
      columns.observations,
      columns.observationSize
    )!
    const known = positions.slice().fill(NaN, 20 * size)
    const result = positionsRecorded(known, size, seen)
    expect(result.from).toBe('recorded')
    expect(result.positions[10 * size]).toBe(Math.fround(positions[10 * size]))
    expect(result.positions[20 * size + 1]).toBeCloseTo(positions[20 * size + 1], 5)
  })

  it('are not known for observations that leave out more', () => {
    expect(positionsSeen(environmentById('reacher-v4')!, new Float32Array(22), 11)).toBeNull()
  })
})
