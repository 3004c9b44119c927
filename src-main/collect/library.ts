import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BehaviourInfo, DamagedBehaviour, Learner } from '../../src-preload/contract/collect.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import { now } from '../base/clock.ts'
import { UserError } from '../base/errors.ts'
import type { ProcessHost } from '../base/processHost.ts'
import { InventoryReader } from './inventory.ts'
import type { ShelvedBehaviour } from './inventory.ts'
import { checkTrainable } from './learners.ts'
import { readManifest, writeManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import type { TrainingProgress, TrainJob } from './messages.ts'
import { readTraining } from './trainingFile.ts'
import { Trainings } from './trainings.ts'

export interface BehaviourRequest {
  readonly environmentId: string
  readonly learner: Learner
  readonly steps: number
  readonly seed: number
}

/** Behaviours on disk and those in training, each of which has a process of its own. */
export interface BehaviourLibrary {
  /** All of them, newest first, and what is damaged. */
  list(): Promise<{
    readonly behaviours: readonly BehaviourInfo[]
    readonly damaged: readonly DamagedBehaviour[]
  }>
  /** One of them as it is now; null where there is none (any more). Reads nothing of the others. */
  look(id: string): Promise<BehaviourInfo | DamagedBehaviour | null>
  /**
   * The environment that a behaviour lives in, and its folder; reads nothing of the others.
   * @throws UserError('not-found' | 'checkpoint-corrupt')
   */
  find(id: string): Promise<{ readonly environmentId: string; readonly folder: string }>
  /** @throws UserError('not-found' | 'unsupported' | 'conflict') */
  train(request: BehaviourRequest): Promise<BehaviourInfo>
  /** @throws UserError('not-found' | 'conflict' | 'checkpoint-corrupt') */
  resume(id: string): Promise<BehaviourInfo>
  /** @throws UserError('conflict') when it does not train */
  stop(id: string): void
  /** @throws UserError('not-found') */
  remove(id: string): Promise<void>
  close(): void
}

/**
 * @param root folder of the behaviours' folders
 * @param changed called with the id of a behaviour after every change of it
 */
export function createBehaviourLibrary(
  host: ProcessHost,
  root: string,
  changed: (id: string) => void
): BehaviourLibrary {
  const trainings = new Trainings(host, changed)
  const inventory = new InventoryReader(root)
  const folder = (id: string): string => join(root, checkedId(id))
  const start = async (job: TrainJob, id: string): Promise<BehaviourInfo> => {
    trainings.start(job, id)
    return present(shelved(await inventory.one(id)), trainings)
  }

  return {
    async list() {
      const { behaviours, damaged } = await inventory.all()
      return { behaviours: behaviours.map(one => present(one, trainings)), damaged }
    },
    async look(id) {
      const found = await inventory.one(checkedId(id))
      return found !== null && 'id' in found ? present(found, trainings) : found
    },
    async find(id) {
      const known = await readManifest(folder(id))
      if (known === null) throw new UserError('not-found', `there is no behaviour "${id}"`)
      return { environmentId: known.environmentId, folder: folder(id) }
    },
    async train(request) {
      const begun = await begin(root, request)
      return start({ kind: 'train', ...request, folder: folder(begun.id), resume: false }, begun.id)
    },
    async resume(id) {
      if (trainings.has(id)) throw new UserError('conflict', `${id} trains already`, { id })
      return start(await resumed(folder(id), id), id)
    },
    stop(id) {
      if (!trainings.stop(id)) throw new UserError('conflict', `${id} does not train now`, { id })
    },
    async remove(id) {
      if ((await inventory.one(checkedId(id))) === null)
        throw new UserError('not-found', `there is no behaviour "${id}"`, { id })
      // Its end is written into the folder: that comes first.
      await trainings.kill(id)
      await rm(folder(id), { recursive: true, force: true })
      inventory.forget(id)
      changed(id)
    },
    close: () => trainings.close()
  }
}

/** What a list shows of files and of the present. */
function present({ ended, ...shelved }: ShelvedBehaviour, trainings: Trainings): BehaviourInfo {
  const { id, lived, steps } = shelved
  const isTraining = trainings.has(id)
  const problem = trainings.problemOf(id)
  const progress = trainings.progressOf(id)
  return {
    ...shelved,
    reason: problem ?? shelved.reason,
    state: isTraining ? 'training' : problem === undefined ? ended : 'failed',
    resumable: !isTraining && shelved.resumable,
    progress: progress && described(progress, steps),
    watched: isTraining ? trainings.watchedOf(id) : [],
    lived: progress?.lived ?? lived
  }
}

/** The job of a training that goes on; its manifest forgets how it ended. @throws UserError('not-found' | 'conflict' | 'checkpoint-corrupt') */
async function resumed(folder: string, id: string): Promise<TrainJob> {
  const known = await readManifest(folder)
  if (known === null) throw new UserError('not-found', `there is no behaviour "${id}"`, { id })
  const { header } = await readTraining(folder)
  const { environmentId, learner, seed } = known
  if (header.environmentId !== environmentId || header.learner !== learner || header.seed !== seed)
    throw new UserError(
      'conflict',
      `what is left of the training of ${id} is another's; remove it and train it again`
    )
  await writeManifest(folder, { ...known, finished: false, stopped: false, reason: null })
  return { kind: 'train', environmentId, learner, seed, steps: header.steps, folder, resume: true }
}

const described = (
  { lived, stepsPerSecond, recentReturn }: TrainingProgress,
  steps: number
): BehaviourInfo['progress'] => ({
  stepsPerSecond: toScalar(stepsPerSecond),
  secondsLeft: toScalar(Math.max(0, steps - lived) / stepsPerSecond),
  recentReturn: recentReturn === null ? null : toScalar(recentReturn)
})

/** A behaviour that was written just now. @throws UserError('io-error') when it is gone or damaged already */
function shelved(found: Awaited<ReturnType<InventoryReader['one']>>): ShelvedBehaviour {
  if (found !== null && 'id' in found) return found
  throw new UserError('io-error', found?.problem ?? 'the behaviour was removed while it began')
}

/** Writes the manifest of a new behaviour. @throws UserError('not-found' | 'unsupported' | 'conflict') */
async function begin(root: string, request: BehaviourRequest): Promise<Manifest> {
  checkTrainable(request.environmentId)
  const id = `${request.environmentId}-${request.learner}-seed${request.seed}`
  const folder = join(root, checkedId(id))
  if (await readManifest(folder))
    throw new UserError(
      'conflict',
      `${id} is there already; let it go on, remove it, or choose another seed`,
      { id }
    )
  const begun: Manifest = {
    formatVersion: 1,
    id,
    ...request,
    createdAt: now(),
    finished: false,
    stopped: false,
    reason: null
  }
  await mkdir(folder, { recursive: true })
  await writeManifest(folder, begun)
  return begun
}

/** Ids name folders. @throws UserError('not-found') */
function checkedId(id: string): string {
  if (!/^[a-z0-9-]+$/.test(id)) throw new UserError('not-found', `there is no behaviour "${id}"`)
  return id
}
