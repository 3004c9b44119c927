import { readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../../src-main/base/safetensors.ts'
import { crossroads } from '../../../src-main/environments/crossroads.ts'
import type { Environment } from '../../../src-main/environments/environment.ts'
import { environmentById, environments } from '../../../src-main/environments/index.ts'
import { type BatchPolicy, type KeptRollout, rollOut } from '../../../src-main/evaluation/rollouts.ts'
import { readRollout } from '../../../src-main/training/rolloutFiles.ts'
import { rolloutBytes } from '../../../src-main/training/rolloutSchedule.ts'
import { writeRollout } from '../../../src-main/training/rolloutWriter.ts'
import { temporaryFolder } from './support.ts'

/** Wavering actions, and both values. */
const waver = ({ actions }: Environment): BatchPolicy => {
  const size = actions.kind === 'continuous' ? actions.size : 1
  let calls = 0
  return {
    act: async () => Float32Array.from({ length: size }, (_, i) => Math.sin(++calls / 7 + i)),
    values: async observations => ({ q: observations.slice(0, 1), v: Float32Array.of(2) })
  }
}

async function played(environment: Environment, maxSteps = environment.maxSteps): Promise<KeptRollout> {
  const short = { ...environment, maxSteps }
  const { rollouts } = await rollOut(short, waver(environment), { episodes: 1, seed: 1, keep: 1 })
  return rollouts[0]
}

async function written(environment: Environment, rollout: KeptRollout) {
  const path = join(temporaryFolder(), 'rollout.safetensors')
  await writeRollout(path, environment, 40, rollout)
  return { path, stored: await readRollout(path), bytes: statSync(path).size }
}

describe('a rollout of HalfCheetah', () => {
  const cheetah = environmentById('halfcheetah-v2')!

  test('of 1000 steps with Q and V takes less than 100 kB, as much as is foretold', async () => {
    const rollout = await played(cheetah)
    const { stored, bytes } = await written(cheetah, rollout)
    expect(stored.rewards.data).toHaveLength(1000)
    expect(stored.q).not.toBeNull()
    expect(bytes).toBeLessThan(100_000)
    expect(bytes).toBeLessThanOrEqual(rolloutBytes(cheetah))
    expect(bytes).toBeGreaterThan(0.9 * rolloutBytes(cheetah))
  })

  test('gives back joints, actions and rewards to the bit and observed velocities to half precision', async () => {
    const rollout = await played(cheetah, 200)
    const { stored } = await written(cheetah, rollout)
    expect(stored.positions!.data).toEqual(rollout.positions)
    expect(stored.positions!.shape).toEqual([201, 9])
    expect(stored.actions.data).toEqual(rollout.actions)
    expect(stored.rewards.data).toEqual(rollout.rewards)
    expect(stored.observations.shape).toEqual([201, 17])
    rollout.observations.forEach((value, i) => {
      const shown = stored.observations.data[i]
      if (i % 17 < 8) expect(shown).toBe(value)
      else expect(Math.abs(shown - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11 + 1e-7)
    })
  })

  test('has Q minus V as the advantage of what was done', async () => {
    const { stored } = await written(cheetah, await played(cheetah, 20))
    expect(stored.advantage).toMatchObject({ from: 'q', shape: [20] })
    expect([...stored.advantage!.data]).toEqual([...stored.q!.data].map(q => Math.fround(q - 2)))
  })
})

test('every robot shows its observations from what is kept, contact forces and targets included', async () => {
  const robots = environments.filter(({ robot }) => robot !== undefined)
  expect(robots.length).toBeGreaterThanOrEqual(12)
  for (const environment of robots) {
    const rollout = await played(environment, 40)
    const { stored } = await written(environment, rollout)
    expect(stored.observations.shape[1], environment.id).toBe(environment.observationSize)
    const worst = rollout.observations.reduce(
      (most, value, i) =>
        Math.max(most, Math.abs(value - stored.observations.data[i]) / (1 + Math.abs(value))),
      0
    )
    expect(worst, environment.id).toBeLessThan(1e-3)
  }
})

test('a state that exploded keeps its numbers', async () => {
  const cheetah = environmentById('halfcheetah-v4')!
  const rollout = await played(cheetah, 3)
  rollout.velocities![9] = 1e7
  rollout.observations[17 + 8] = 1e7
  rollout.observations[17 + 9] = NaN
  const { stored } = await written(cheetah, rollout)
  expect(stored.observations.data[17 + 8]).toBe(1e7)
  expect(stored.observations.data[17 + 9]).toBeNaN()
})

test('what is no robot keeps its observations whole, and the advantage over V alone', async () => {
  const rollout = {
    ...(await played(crossroads, 5)),
    q: null,
    returnAdvantage: Float32Array.of(1, 2, 3, 4, NaN)
  }
  const { stored } = await written(crossroads, rollout)
  expect(stored.observations.data).toEqual(rollout.observations)
  expect([stored.positions, stored.q]).toEqual([null, null])
  expect(stored.advantage).toMatchObject({ from: 'return', data: rollout.returnAdvantage })
})

describe('files of other versions', () => {
  const first = {
    observations: { shape: [3, 17], data: new Float32Array(51).fill(0.5) },
    actions: { shape: [2, 6], data: new Float32Array(12) },
    rewards: { shape: [2], data: Float64Array.of(1, 2) },
    positions: { shape: [3, 9], data: new Float32Array(27) }
  }
  const texts = { environmentId: 'halfcheetah-v2', step: '5', episode: '1', return: 'NaN', outcome: 'failed' }

  test('of the first one are read: they hold all observations', async () => {
    const path = join(temporaryFolder(), 'old.safetensors')
    await writeFile(path, encodeSafetensors(first, texts))
    const stored = await readRollout(path)
    expect(stored).toMatchObject({ step: 5, episode: 1, return: NaN, outcome: 'failed', advantage: null })
    expect(stored.observations.data).toEqual(first.observations.data)
  })

  test('of a later one are refused in words', async () => {
    const path = join(temporaryFolder(), 'new.safetensors')
    await writeFile(path, encodeSafetensors(first, { ...texts, formatVersion: '3' }))
    await expect(readRollout(path)).rejects.toThrow(/a newer version of the app wrote it/)
  })

  test('say their own', async () => {
    const { path } = await written(crossroads, await played(crossroads, 2))
    expect(decodeSafetensors(readFileSync(path)).metadata.formatVersion).toBe('2')
  })
})
