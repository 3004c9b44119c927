import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Learner, Stretch } from '../../src-preload/contract/collect.ts'
import type { StoredTensors } from '../base/safetensors.ts'
import type { Environment } from '../environments/environment.ts'
import { learnByArs } from './ars/learn.ts'
import { arsSettings, arsSettingsFor } from './ars/settings.ts'
import { checkpointName, writeBehaviour } from './checkpointFiles.ts'
import type { LivedEpisode } from './lanes.ts'
import { learnerThreads, line } from './learning.ts'
import type { Learn, LearnRequest, Reached } from './learning.ts'
import { livedSoFar, writeLived } from './livedFiles.ts'
import { learnByPpo } from './ppo/learn.ts'
import { ppoSettings } from './ppo/settings.ts'
import { learnBySac } from './sac/learn.ts'
import { sacSettings } from './sac/settings.ts'
import { readTraining, removeLater, removeTraining, writeTraining } from './trainingFile.ts'
import type { SavedTraining, TrainingHeader } from './trainingFile.ts'

/** A learner with settings: what is not said of them is the default. */
interface LearnerEntry {
  readonly settings: (environment: Environment, given: object) => object
  readonly learn: (settings: object) => Learn
  /** Learns from all it lived through, so that all of it is kept. */
  readonly keepsAll?: boolean
  /** Needs no engine: its arithmetic is its own. */
  readonly isAlone?: boolean
}

const entries: Readonly<Record<Learner, LearnerEntry>> = {
  ppo: {
    settings: (_, given) => ppoSettings.parse(given),
    learn: settings => request => learnByPpo({ ...request, settings: ppoSettings.parse(settings) })
  },
  ars: {
    settings: arsSettingsFor,
    learn: settings => request => learnByArs({ ...request, settings: arsSettings.parse(settings) }),
    isAlone: true
  },
  sac: {
    settings: (_, given) => sacSettings.parse(given),
    learn: settings => request => learnBySac({ ...request, settings: sacSettings.parse(settings) }),
    keepsAll: true
  }
}

export interface TrainRequest extends Pick<
  LearnRequest,
  'environment' | 'engine' | 'seed' | 'steps' | 'checkpointEvery' | 'evaluationEpisodes' | 'signal'
> {
  readonly folder: string
  readonly learner: Learner
  /** Of the learner; the rest by default. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Environment steps of the beginning that are kept for the replay tiers. */
  readonly replaySteps: number
  /** Goes on from what is in the folder, with its settings. @throws UserError('not-found') when there is nothing */
  readonly resume?: boolean
  /** Told once, before the first step. */
  readonly onStart?: (stretch: Stretch) => void
  readonly onCheckpoint: (steps: number) => void
  readonly onProgress?: (progress: { readonly lived: number; readonly recentReturn: number | null }) => void
}

/** Episodes whose mean return stands for the present, while learning. */
const recentEpisodes = 20

/** What was lived, as far as it is kept and not written yet. */
class Diary {
  #unwritten: LivedEpisode[] = []
  #returns: number[]
  #kept: number
  readonly #most: number

  constructor(most: number, saved?: StoredTensors) {
    this.#most = most
    this.#kept = saved?.['diary/kept'].data[0] ?? 0
    this.#returns = [...((saved?.['diary/returns'].data as Float64Array | undefined) ?? [])]
  }

  add(episode: LivedEpisode): void {
    this.#returns = [...this.#returns.slice(1 - recentEpisodes), episode.return]
    if (this.#kept >= this.#most) return
    this.#unwritten.push(episode)
    this.#kept += episode.length
  }

  /** Mean return of the last episodes, exploration included; null before the first. */
  recentReturn(): number | null {
    const { length } = this.#returns
    return length === 0 ? null : this.#returns.reduce((sum, value) => sum + value, 0) / length
  }

  take(): readonly LivedEpisode[] {
    const taken = this.#unwritten
    this.#unwritten = []
    return taken
  }

  save(): StoredTensors {
    return {
      'diary/kept': line(Float64Array.of(this.#kept)),
      'diary/returns': line(Float64Array.from(this.#returns))
    }
  }
}

/**
 * Trains a behaviour policy into a folder: at every checkpoint what was lived since the one before, the checkpoint, and at last the
 * state that another training goes on from. A training that goes on writes the same bytes as one that was never interrupted.
 * @returns whether it came to its end, and was not stopped before
 */
export async function trainBehaviour(request: TrainRequest): Promise<boolean> {
  const { folder, learner } = request
  await mkdir(folder, { recursive: true })
  const before = request.resume === true ? await readTraining(folder) : undefined
  if (before !== undefined) await removeLater(folder, before.header.lived)
  const header = before?.header ?? headerOf(request)
  const diary = new Diary(
    entries[learner].keepsAll === true ? Infinity : request.replaySteps,
    before?.tensors
  )
  const { checkpointEvery, steps } = header
  const learn = entries[learner].learn(JSON.parse(header.settings) as object)
  let earlier = before?.header
  request.onStart?.({ from: header.lived, engine: await engineOf(request) })
  for await (const reached of learn({
    ...{ ...request, checkpointEvery, steps, saved: before?.tensors },
    lived: () => livedSoFar(folder),
    onEpisode: episode => diary.add(episode),
    onProgress: lived => request.onProgress?.({ lived, recentReturn: diary.recentReturn() })
  })) {
    const lived = reached.behaviour.steps
    await writeLived(folder, lived, diary.take())
    await writeBehaviour(folder, reached.behaviour)
    // A checkpoint that only a stop made is none of those that an uninterrupted training has. It goes while the state still tells of it.
    if (earlier?.early === 'true') await rm(join(folder, checkpointName(earlier.lived)), { force: true })
    const saved = savedTraining(header, reached, diary)
    await writeTraining(folder, saved)
    earlier = saved.header
    request.onCheckpoint(lived)
  }
  const hasEnded = earlier !== undefined && earlier.lived >= steps
  if (hasEnded) await removeTraining(folder)
  return hasEnded
}

async function engineOf({ learner, engine }: TrainRequest): Promise<Stretch['engine']> {
  if (entries[learner].isAlone === true) return null
  const { version } = await engine.describe()
  return { id: engine.id, version, threads: learnerThreads }
}

function headerOf({
  learner,
  environment,
  seed,
  steps,
  checkpointEvery,
  settings
}: TrainRequest): TrainingHeader {
  return {
    ...{ learner, environmentId: environment.id, seed, steps, checkpointEvery, lived: 0, early: 'false' },
    settings: JSON.stringify(entries[learner].settings(environment, settings ?? {}))
  }
}

const savedTraining = (
  header: TrainingHeader,
  { behaviour, saved, early }: Reached,
  diary: Diary
): SavedTraining => ({
  header: { ...header, lived: behaviour.steps, early: early ? 'true' : 'false' },
  tensors: { ...saved, ...diary.save() }
})
