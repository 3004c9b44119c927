import { RandomSequence } from '../base/random.ts'
import type { Engine } from '../compute/engine.ts'
import { actionWidth } from '../environments/environment.ts'
import type { Environment } from '../environments/environment.ts'
import type { Behaviour } from './behaviour.ts'
import { openBehaviour } from './behaviourPolicy.ts'
import { Lane } from './lanes.ts'
import type { LivedEpisode } from './lanes.ts'

/** Environments stepped side by side while data is made. */
const laneCount = 16

export interface RecordRequest {
  readonly environment: Environment
  /** Whole episodes are kept until there are at least so many transitions. */
  readonly transitions: number
  readonly seed: number
  /** Name of the random stream: tiers do not share their starts. */
  readonly stream: string
  readonly onProgress?: (done: number) => Promise<void>
}

type Act = (observations: Float32Array) => Promise<Float32Array>

async function record(
  { environment, transitions, seed, stream, onProgress }: RecordRequest,
  act: Act
): Promise<LivedEpisode[]> {
  await environment.prepare?.()
  const width = environment.observationSize
  const size = actionWidth(environment)
  const lanes = Array.from(
    { length: laneCount },
    (_, index) => new Lane(environment, seed, `${stream}/${index}`)
  )
  const rows = new Float32Array(laneCount * width)
  const episodes: LivedEpisode[] = []
  let kept = 0
  for (let step = 0; kept < transitions; step++) {
    lanes.forEach((lane, index) => rows.set(lane.observation, index * width))
    const actions = await act(rows)
    for (const [index, lane] of lanes.entries()) {
      const { ended } = lane.step(actions.subarray(index * size, (index + 1) * size))
      if (ended === null) continue
      lane.restart()
      if (kept >= transitions) continue
      episodes.push(ended)
      kept += ended.length
    }
    if (step % 100 === 0) await onProgress?.(Math.min(kept, transitions))
  }
  return episodes
}

/** Episodes of uniform random actions. */
export function recordRandom(request: RecordRequest): Promise<LivedEpisode[]> {
  const { actions } = request.environment
  const random = new RandomSequence(request.seed, `${request.stream}/actions`)
  const size = actionWidth(request.environment)
  const draw = (index: number): number =>
    actions.kind === 'continuous'
      ? random.uniform(actions.low[index % size], actions.high[index % size])
      : random.integer(actions.count)
  return record(request, () =>
    Promise.resolve(Float32Array.from({ length: laneCount * size }, (_, index) => draw(index)))
  )
}

/** Episodes of a behaviour's mean actions with normal noise of a standard deviation, clipped to the bounds. */
export async function recordBehaviour(
  request: RecordRequest,
  behaviour: Behaviour,
  noise: number,
  engine: Engine
): Promise<LivedEpisode[]> {
  const policy = await openBehaviour(behaviour, engine, laneCount)
  const random = new RandomSequence(request.seed, `${request.stream}/noise`)
  try {
    return await record(request, async observations => {
      const actions = await policy.act(observations)
      return actions.map(action => action + noise * random.normal())
    })
  } finally {
    await policy.close()
  }
}
