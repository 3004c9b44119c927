/** Episodes that Gymnasium recorded and Minari wrote, replayed step by step in our environments. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tableFromIPC } from 'apache-arrow'
import * as h5 from 'h5wasm/node'
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { environmentById } from '../../../src-main/environments/index.ts'

const folder = fileURLToPath(new URL('../../../../shared/datasets/minari/', import.meta.url))
const missing = !existsSync(folder)
const suffix = missing ? ' (SKIPPED: ../shared/datasets is not there)' : ''

interface Recording {
  observations: number[][]
  actions: number[][]
  rewards: number[]
  terminations: boolean[]
}

type Numbers = Float32Array | Float64Array | BigInt64Array | Int8Array | Uint8Array

function hdf5Episodes(name: string, count: number): Recording[] {
  const file = new h5.File(`${folder}${name}/data/main_data.hdf5`, 'r')
  const rows = (path: string): number[][] => {
    const dataset = file.get(path) as h5.Dataset
    const flat = Array.from(dataset.value as Numbers, Number)
    const width = dataset.shape?.[1] ?? 1
    return Array.from({ length: flat.length / width }, (_, row) => flat.slice(row * width, (row + 1) * width))
  }
  const episodes = Array.from({ length: count }, (_, index) => ({
    observations: rows(`episode_${index}/observations`),
    actions: rows(`episode_${index}/actions`),
    rewards: rows(`episode_${index}/rewards`).flat(),
    terminations: rows(`episode_${index}/terminations`).map(([flag]) => flag === 1)
  }))
  file.close()
  return episodes
}

function arrowEpisodes(name: string, count: number): Recording[] {
  return Array.from({ length: count }, (_, index) => {
    const table = tableFromIPC(readFileSync(`${folder}${name}/data/${index}/part-0.arrow`))
    const rows = (column: string) =>
      Array.from(table.getChild(column) ?? [], value =>
        typeof value === 'object' ? Array.from(value as Iterable<number>, Number) : [Number(value)]
      )
    // Minari pads every column but the observations by one row
    const steps = table.numRows - 1
    return {
      observations: rows('observations'),
      actions: rows('actions').slice(0, steps),
      rewards: rows('rewards').flat().slice(0, steps),
      terminations: rows('terminations')
        .slice(0, steps)
        .map(([flag]) => flag === 1)
    }
  })
}

const cases = [
  {
    id: 'pendulum',
    read: () => hdf5Episodes('pendulum/mixed-v0', 3),
    stateOf: ([cos, sin, speed]: number[]) => [Math.atan2(sin, cos), speed]
  },
  { id: 'cartpole', read: () => hdf5Episodes('cartpole/mixed-v0', 6), stateOf: (row: number[]) => row },
  {
    id: 'mountaincar-continuous',
    read: () => arrowEpisodes('mountaincar/mixed-v0', 3),
    stateOf: (row: number[]) => row
  }
]

describe.skipIf(missing).each(cases)(`recorded episodes of $id${suffix}`, ({ id, read, stateOf }) => {
  it('follow our dynamics, rewards and terminations to float32 precision', async () => {
    await h5.ready
    const environment = environmentById(id)
    if (environment === undefined) throw new Error(`no environment ${id}`)
    const random = new RandomSequence(0, 'unused')
    const observation = new Float32Array(environment.observationSize)
    let steps = 0
    for (const { observations, actions, rewards, terminations } of read()) {
      actions.forEach((action, t) => {
        const state = Float64Array.from(stateOf(observations[t]))
        const { reward, terminated } = environment.step(state, Float32Array.from(action), random)
        environment.observe(state, observation)
        steps++
        // the recorded observation is float32, the recorded step started from float64
        observations[t + 1].forEach((value, i) => expect(Math.abs(observation[i] - value)).toBeLessThan(3e-6))
        expect(Math.abs(reward - rewards[t])).toBeLessThan(1e-4)
        expect(terminated).toBe(terminations[t])
      })
    }
    expect(steps).toBeGreaterThan(300)
  })
})
