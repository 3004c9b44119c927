import type { Engine } from '../compute/engine.ts'
import type { Environment } from '../environments/environment.ts'
import type { Behaviour } from './behaviour.ts'
import { writeBehaviour } from './checkpointFiles.ts'
import type { LivedEpisode } from './lanes.ts'
import { writeReplay } from './livedFiles.ts'
import { learnByPpo } from './ppo/learn.ts'
import { ppoSettings } from './ppo/settings.ts'

export interface TrainRequest {
  readonly environment: Environment
  readonly engine: Engine
  readonly folder: string
  readonly seed: number
  readonly steps: number
  readonly checkpointEvery: number
  readonly evaluationEpisodes: number
  /** Environment steps of the beginning that are kept for the replay tiers. */
  readonly replaySteps: number
  readonly onCheckpoint: (
    behaviour: Behaviour,
    recent: { readonly episodes: number; readonly mean: number }
  ) => void
  readonly signal?: AbortSignal
}

/** Episodes whose mean return stands for the present, while learning. */
const recentEpisodes = 20

/** Trains a behaviour policy into a folder: a file a checkpoint, and what was lived until `replaySteps`. */
export async function trainBehaviour(request: TrainRequest): Promise<void> {
  const { folder, replaySteps, ...rest } = request
  const lived: LivedEpisode[] = []
  const returns: number[] = []
  let kept = 0
  const onEpisode = (episode: LivedEpisode): void => {
    returns.push(episode.return)
    if (kept >= replaySteps) return
    lived.push(episode)
    kept += episode.length
  }
  for await (const behaviour of learnByPpo({ ...rest, settings: ppoSettings.parse({}), onEpisode })) {
    await writeBehaviour(folder, behaviour)
    const recent = returns.slice(-recentEpisodes)
    const mean = recent.reduce((sum, value) => sum + value, 0) / recent.length
    request.onCheckpoint(behaviour, { episodes: returns.length, mean })
  }
  await writeReplay(folder, lived)
}
