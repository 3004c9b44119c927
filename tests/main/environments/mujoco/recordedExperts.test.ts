/**
 * One step from each observation of recorded gym v4 experts (float32): v4 is as near as rounding allows, v2 is far off. The
 * rounding floor is what changes when every input moves by half a unit in its last place.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as h5 from 'h5wasm/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { largestGap, preparedRobot, unused } from './prepared.ts'

const folder = fileURLToPath(new URL('../../../../../shared/datasets/', import.meta.url))
const missing = !existsSync(folder)
const suffix = missing ? ' (SKIPPED: ../shared/datasets is not there)' : ''

interface Recording {
  readonly rows: number
  readonly observations: Float32Array
  readonly next: Float32Array
  readonly actions: Float32Array
  readonly rewards: Float32Array
}

function readRecording(name: string): Recording {
  const file = new h5.File(`${folder}cs285-${name}-expert-v4.hdf5`, 'r')
  const [observations, next, actions, rewards] = [
    'observations',
    'next_observations',
    'actions',
    'rewards'
  ].map(path => (file.get(path) as h5.Dataset).value as Float32Array)
  file.close()
  return { rows: rewards.length, observations, next, actions, rewards }
}

const row = (values: Float32Array, rows: number, index: number): Float32Array => {
  const width = values.length / rows
  return values.subarray(index * width, (index + 1) * width)
}

/** Half a unit in the last place of float32, up or down. */
function nudge(value: number, random: RandomSequence): number {
  const half = value === 0 ? 0 : 2 ** (Math.floor(Math.log2(Math.abs(value))) - 24)
  return value + (random.uniform() < 0.5 ? -half : half)
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]

/** Median one-step error of an environment on a recording, its rounding floor, and the median error of the reward. */
async function oneStepErrors(id: string, recording: Recording) {
  const environment = await preparedRobot(id)
  const { robot } = environment
  const random = new RandomSequence(1, 'half units')
  const [state, nudged] = [new Float64Array(environment.stateSize), new Float64Array(environment.stateSize)]
  const seen = new Float32Array(environment.observationSize)
  const seenNudged = new Float32Array(environment.observationSize)
  const [errors, floors, rewards]: [number[], number[], number[]] = [[], [], []]
  for (let index = 0; index < recording.rows && errors.length < 400; index++) {
    const observation = row(recording.observations, recording.rows, index)
    const action = row(recording.actions, recording.rows, index)
    // Walker2d's fastest joint is beyond the clipped velocities most of the time.
    if (!robot.setStateFromObservation(observation, state)) continue
    robot.setStateFromObservation(
      Array.from(observation, value => nudge(value, random)),
      nudged
    )
    rewards.push(Math.abs(environment.step(state, action, unused).reward - recording.rewards[index]))
    environment.step(nudged, action, unused)
    environment.observe(state, seen)
    environment.observe(nudged, seenNudged)
    const after = row(recording.next, recording.rows, index)
    errors.push(largestGap(seen, after))
    floors.push(largestGap(seenNudged, seen.subarray(0, after.length)))
  }
  return { error: median(errors), floor: median(floors), reward: median(rewards), rows: errors.length }
}

describe.skipIf(missing).each(['halfcheetah', 'hopper', 'walker2d', 'ant'])(`recorded %s${suffix}`, name => {
  let recording: Recording
  beforeAll(async () => {
    await h5.ready
    recording = readRecording(name)
  })

  it('is repeated by v4 to the rounding of the file, and not by v2', async () => {
    const v4 = await oneStepErrors(`${name}-v4`, recording)
    const v2 = await oneStepErrors(`${name}-v2`, recording)
    expect(v4.rows).toBeGreaterThan(200)
    expect(v4.floor).toBeGreaterThan(1e-7)
    expect(v4.floor).toBeLessThan(5e-6)
    expect(v4.error).toBeLessThan(3 * v4.floor)
    expect(v2.error).toBeGreaterThan(20 * v4.error)
  })

  it('earns the recorded rewards', async () => {
    const { reward } = await oneStepErrors(`${name}-v4`, recording)
    // An ant's forward way is measured on a place that observations leave out.
    expect(reward).toBeLessThan(name === 'ant' ? 1e-3 : 1e-6)
  })
})
