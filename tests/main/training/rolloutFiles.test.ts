import { readFileSync, statSync, truncateSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
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

const texts = { environmentId: 'halfcheetah-v2', step: '5', episode: '1', return: 'NaN', outcome: 'failed' }

test('an episode that failed before its first step is kept, with nothing done', async () => {
  const lost: BatchPolicy = { act: async () => Float32Array.of(NaN, 0) }
  const { rollouts } = await rollOut(crossroads, lost, { episodes: 1, seed: 1, keep: 1 })
  const { stored } = await written(crossroads, rollouts[0])
  expect(stored).toMatchObject({ outcome: 'failed', return: NaN })
  expect([stored.observations.shape, stored.actions.shape, stored.rewards.shape]).toEqual([
    [1, 2],
    [0, 2],
    [0]
  ])
})

describe('the goal of an episode', () => {
  const maze = environmentById('antmaze-umaze')!

  test('of a maze that draws one is kept as the episode had it', async () => {
    const start = new Float64Array(maze.stateSize)
    const options = { episodes: 2, seed: 3, keep: 2 }
    const still: BatchPolicy = { act: async () => new Float32Array(16) }
    const { rollouts } = await rollOut({ ...maze, maxSteps: 2 }, still, options)
    maze.reset(start, new RandomSequence(3, 'evaluation/start/1'))
    const { stored } = await written(maze, rollouts[1])
    expect(stored.goal).toEqual({ x: start.at(-2), y: start.at(-1), radius: 0.5 })
    expect(stored.goal).not.toEqual((await written(maze, rollouts[0])).stored.goal)
  })

  test('is null where all episodes have the same one, and in files from before', async () => {
    const point = environmentById('maze2d-umaze')!
    expect((await written(point, await played(point, 3))).stored.goal).toBeNull()
    const rollout = { ...(await played(maze, 3)), goal: null }
    expect((await written(maze, rollout)).stored.goal).toBeNull()
  })
})

describe('files of other versions', () => {
  const first = {
    observations: { shape: [3, 17], data: new Float32Array(51).fill(0.5) },
    actions: { shape: [2, 6], data: new Float32Array(12) },
    rewards: { shape: [2], data: Float64Array.of(1, 2) },
    positions: { shape: [3, 9], data: new Float32Array(27) }
  }

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

describe('a hostile file', () => {
  const steps = { shape: [2], data: Float64Array.of(1, 2) }
  const good = {
    observations: { shape: [3, 17], data: new Float32Array(51) },
    actions: { shape: [2, 6], data: new Float32Array(12) },
    rewards: steps,
    positions: { shape: [3, 9], data: new Float32Array(27) }
  }
  const floats = (...shape: number[]) => ({
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1))
  })

  async function refusal(bytes: string | Uint8Array | Uint8Array[]): Promise<string> {
    const path = join(temporaryFolder(), 'odd.safetensors')
    await writeFile(path, bytes)
    const error = await readRollout(path).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'UserError', code: 'not-found' })
    return (error as Error).message
  }
  const encoded = (changes: object, more = {}): Uint8Array =>
    Buffer.concat(encodeSafetensors({ ...good, ...changes }, { ...texts, ...more }))

  test.each<[string, object, RegExp]>([
    [
      'too few observations',
      { observations: floats(2, 17) },
      /its observations have shape \[2, 17\], not \[3, 17\]/
    ],
    ['observations of another robot', { observations: floats(3, 11) }, /\[3, 11\], not \[3, 17\]/],
    ['actions without rows', { actions: floats(12) }, /its actions are Float32Array, not Int32Array/],
    ['too many actions', { actions: floats(9, 6) }, /its actions have shape \[9, 6\], not \[2, 6\]/],
    [
      'positions of another robot',
      { positions: floats(3, 6) },
      /its positions have shape \[3, 6\], not \[3, 9\]/
    ],
    ['positions of no rows', { positions: floats(0, 9) }, /its positions have shape \[0, 9\]/],
    ['a value too many', { q: floats(3) }, /its q have shape \[3\], not \[2\]/],
    ['rewards of another type', { rewards: floats(2) }, /its rewards are Float32Array, not Float64Array/],
    ['a goal nowhere', { goal: { shape: [3], data: Float64Array.of(NaN, 1, 0.5) } }, /which is no place/],
    ['a goal without extent', { goal: { shape: [3], data: Float64Array.of(1, 1, -2) } }, /which is no place/]
  ])('with %s is refused in one sentence', async (_name, changes, sentence) => {
    const text = await refusal(encoded(changes))
    expect(text).toMatch(sentence)
    expect(text).not.toMatch(/[\n{]/)
  })

  test.each([
    ['step', { step: '1e400' }],
    ['episode', { episode: '-3' }],
    ['outcome', { outcome: 'x'.repeat(5000) }],
    ['formatVersion', { formatVersion: 'two' }]
  ])('whose %s is absurd is refused in one sentence', async (name, more) => {
    expect(await refusal(encoded({}, more))).toBe(
      `this rollout cannot be read: its ${name} is missing or wrong`
    )
  })

  test('that ends anywhere too early, is empty or is something else is refused in one sentence', async () => {
    const whole = encoded({})
    for (const share of [0, 0.001, 0.3, 0.9, 0.999])
      expect(await refusal(whole.subarray(0, Math.floor(share * whole.length)))).toMatch(
        /^this rollout cannot be read: [^\n]+$/
      )
    expect(await refusal('not a rollout at all, but long enough')).toMatch(/^this rollout[^\n]+$/)
    const head = Buffer.from('{"rewards":{"dtype":"F64","shape":[99999999999,1],"data_offsets":[0,8]}}')
    const claims = Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(head.length)).buffer), head])
    expect(await refusal(claims)).toMatch(/^this rollout[^\n]+does not fit[^\n]+$/)
  })

  test('that is gone, or larger than any, or a folder is refused in one sentence', async () => {
    const folder = temporaryFolder()
    await expect(readRollout(join(folder, 'none'))).rejects.toThrow(/: its file is gone$/)
    await expect(readRollout(folder)).rejects.toThrow(/something else than a file/)
    const large = join(folder, 'large')
    await writeFile(large, '')
    truncateSync(large, 100 * 1024 ** 2)
    await expect(readRollout(large)).rejects.toThrow(
      /has 104857600 bytes, more than the 4194304 of any rollout/
    )
  })

  test('with numbers that are none is shown as it is: they are data', async () => {
    const path = join(temporaryFolder(), 'nan.safetensors')
    await writeFile(path, encoded({ positions: { shape: [3, 9], data: new Float32Array(27).fill(NaN) } }))
    const stored = await readRollout(path)
    expect(stored.positions!.data).toEqual(new Float32Array(27).fill(NaN))
  })

  test('with numbers beside the joints that name no place in an observation is refused', async () => {
    const robot = {
      positions: good.positions,
      velocities: { shape: [3, 9], data: new Float16Array(27) },
      otherColumns: { shape: [1], data: Int32Array.of(1_000_000) },
      otherObservations: floats(3, 1)
    }
    const { observations: _, ...rest } = good
    const bytes = Buffer.concat(encodeSafetensors({ ...rest, ...robot }, { ...texts, formatVersion: '2' }))
    expect(await refusal(bytes)).toMatch(/otherColumns name number 1000000 of 17/)
  })
})
