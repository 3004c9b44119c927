import { expect, test } from 'vitest'
import { describeEngines } from '../../support/engines.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import type { Engine } from '../../../src-main/compute/engine.ts'
import { LaneGroup } from '../../../src-main/compute/stacked/laneGroup.ts'
import { train, type TrainingOutcome, type TrainingParts } from '../../../src-main/training/loop.ts'
import { bytesOf, partsFor, recordingHooks, timeless, walks } from './support.ts'

const data = walks()
const spoiled = walks(12, 20, ({ rewards }, index) => {
  if (index < 8) rewards![3] = NaN
})

interface Trained {
  readonly outcome: TrainingOutcome
  readonly said: ReturnType<typeof recordingHooks>
}
type Leave = (step: number) => 'pause' | null

const laneOf = (engine: Engine, algorithm: string, seed: number, of = data): TrainingParts => ({
  ...partsFor(algorithm, of, { actorLearningRate: 1e-3 * (seed + 1), keepRollouts: 0 }, engine),
  ...{ seed, fixedCallSteps: 7 + seed }
})

/** Trains all lanes together; their calls are of different lengths. */
async function together(engine: Engine, lanes: readonly TrainingParts[], leave: readonly Leave[] = []) {
  const group = new LaneGroup(engine, lanes.length)
  return Promise.all(
    lanes.map(async (parts, i): Promise<Trained> => {
      const place = group.join()
      let step = 0
      const said = recordingHooks(() => leave[i]?.(step) ?? null)
      const hooks = { ...said.hooks, advanced: (at: number) => void (step = at) }
      try {
        return { outcome: await train({ ...parts, engine: place.engine }, null, hooks), said }
      } finally {
        place.leave()
      }
    })
  )
}

const finalState = ({ said }: Trained) => bytesOf(said.checkpoints.at(-1)!.snapshot.state)
const same = (a: Trained, b: Trained): void => {
  expect(a.outcome).toEqual(b.outcome)
  expect(timeless(a.said.points)).toEqual(timeless(b.said.points))
  expect(finalState(a)).toEqual(finalState(b))
}

async function alone(parts: TrainingParts): Promise<Trained> {
  const said = recordingHooks()
  return { outcome: await train(parts, null, said.hooks), said }
}

test.each(['bc', 'filteredBc', 'awr', 'awac', 'iql'])(
  '%s: lanes whose calls have different lengths end as if alone, in curves and state',
  async algorithm => {
    const lanes = [0, 1, 2].map(seed => laneOf(eagerEngine, algorithm, seed))
    const results = await together(eagerEngine, lanes)
    for (const [i, parts] of lanes.entries()) same(results[i], await alone(parts))
  }
)

describeEngines('a group', engine => {
  test('goes on when one of three is paused, with the same results', async () => {
    const lanes = [0, 1, 2].map(seed => laneOf(engine, 'iql', seed))
    const whole = await together(engine, lanes)
    const [first, paused, last] = await together(engine, lanes, [
      () => null,
      step => (step >= 30 ? 'pause' : null)
    ])
    same(first, whole[0])
    same(last, whole[2])
    expect(paused.outcome).toEqual({ kind: 'paused' })
    expect(paused.said.checkpoints.at(-1)!.snapshot.step).toBeGreaterThanOrEqual(30)
  })

  test('is compiled smaller when most have left, with the same results', async () => {
    const lanes = [0, 1, 2, 3].map(seed => laneOf(engine, 'awr', seed))
    const whole = await together(engine, lanes)
    const pause: Leave = step => (step >= 20 ? 'pause' : null)
    const results = await together(engine, lanes, [pause, () => null, pause, pause])
    same(results[1], whole[1])
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['paused', 'finished', 'paused', 'paused'])
  })

  test('reports the run that diverges, and the others do not notice', async () => {
    const lanes = [laneOf(engine, 'iql', 0), laneOf(engine, 'iql', 1, spoiled), laneOf(engine, 'iql', 2)]
    const [first, bad, last] = await together(engine, lanes)
    const own = await alone(lanes[1])
    expect(own.outcome.kind).toBe('diverged')
    expect(bad.outcome).toEqual(own.outcome)
    const whole = await together(engine, [lanes[0], laneOf(engine, 'iql', 1), lanes[2]])
    same(first, whole[0])
    same(last, whole[2])
  })

  test('lets runs that do different things train by themselves', async () => {
    const other = partsFor('iql', data, { learningRateSchedule: 'constant' }, engine)
    const lanes = [laneOf(engine, 'iql', 0), other]
    const results = await together(engine, lanes)
    for (const [i, parts] of lanes.entries()) same(results[i], await alone(parts))
  })
})
