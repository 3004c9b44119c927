import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BehaviourInfo, BehaviourList, Learner } from '../../src-preload/contract/collect.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import { now } from '../base/clock.ts'
import { messageOf, UserError } from '../base/errors.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import { InventoryReader } from './inventory.ts'
import type { ShelvedBehaviour } from './inventory.ts'
import { checkTrainable } from './learners.ts'
import { readManifest, writeManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import type { FromTraining, TrainingProgress, TrainJob } from './messages.ts'
import { readTraining } from './trainingFile.ts'

export interface BehaviourRequest {
  readonly environmentId: string
  readonly learner: Learner
  readonly steps: number
  readonly seed: number
}

/** Behaviours on disk and those in training, each of which has a process of its own. */
export interface BehaviourLibrary {
  list(): Promise<BehaviourList>
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
  /** Resolves at the next change of any behaviour. */
  changed(signal: AbortSignal): Promise<void>
  close(): void
}

interface Training {
  readonly child: ChildHandle
  readonly ended: Promise<void>
  progress: TrainingProgress | null
}
type Trainings = Map<string, Training>

/** Who waits for the next change. */
class Announcer {
  readonly #waiting = new Set<() => void>()

  announce(): void {
    const woken = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of woken) wake()
  }

  changed(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.add(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

/** Watches one training; resolves with what is to be remembered of its end. */
function watch(
  child: ChildHandle,
  onNews: (progress?: TrainingProgress) => void
): Promise<Partial<Manifest>> {
  let told: Partial<Manifest> = {
    reason: 'its process ended without a word; let it go on, or remove it and train it again'
  }
  child.onMessage(message => {
    const news = message as FromTraining
    if (news.kind === 'checkpoint') onNews()
    else if (news.kind === 'progress') onNews(news)
    else if (news.kind === 'finished') told = { finished: !news.stopped, stopped: news.stopped }
    else if (news.kind === 'failed') told = { reason: news.error.message }
  })
  return new Promise(resolve => child.onExit(() => resolve(told)))
}

/** @param root folder of the behaviours' folders */
export function createBehaviourLibrary(host: ProcessHost, root: string): BehaviourLibrary {
  const training: Trainings = new Map()
  /** Why the end of a training could not be written down. */
  const unwritten = new Map<string, string>()
  const changes = new Announcer()
  const inventory = new InventoryReader(root)
  const folder = (id: string): string => join(root, checkedId(id))

  async function finish(job: TrainJob, id: string, ended: Promise<Partial<Manifest>>): Promise<void> {
    try {
      const how = await ended
      const known = await readManifest(job.folder)
      if (known !== null) await writeManifest(job.folder, { ...known, ...how })
    } catch (error) {
      unwritten.set(id, messageOf(error))
    }
    training.delete(id)
    changes.announce()
  }

  async function start(job: TrainJob, id: string): Promise<BehaviourInfo> {
    train(job, id)
    changes.announce()
    return present(shelved(await inventory.one(id)))
  }

  function train(job: TrainJob, id: string): void {
    const child = host.start('collector')
    const ended = watch(child, progress => {
      const running = training.get(id)
      if (running !== undefined) running.progress = progress ?? running.progress
      changes.announce()
    })
    training.set(id, { child, ended: finish(job, id, ended), progress: null })
    child.send(job)
  }

  /** What a list shows of files and of the present. */
  function present({ ended, ...shelved }: ShelvedBehaviour): BehaviourInfo {
    const reason = unwritten.get(shelved.id) ?? shelved.reason
    const last = reason === shelved.reason ? ended : 'failed'
    const running = training.get(shelved.id)
    const { lived, steps } = shelved
    return {
      ...{ ...shelved, reason, state: running === undefined ? last : 'training' },
      resumable: running === undefined && shelved.resumable,
      progress: running?.progress ? described(running.progress, steps) : null,
      lived: running?.progress?.lived ?? lived
    }
  }

  return {
    async list() {
      const { behaviours, damaged } = await inventory.all()
      return { behaviours: behaviours.map(present), damaged: [...damaged] }
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
      if (training.has(id)) throw new UserError('conflict', `${id} trains already`, { id })
      const known = await readManifest(folder(id))
      if (known === null) throw new UserError('not-found', `there is no behaviour "${id}"`, { id })
      const { header } = await readTraining(folder(id))
      const { environmentId, learner, seed } = known
      if (header.environmentId !== environmentId || header.learner !== learner || header.seed !== seed)
        throw new UserError(
          'conflict',
          `what is left of the training of ${id} is another's; remove it and train it again`
        )
      await writeManifest(folder(id), { ...known, finished: false, stopped: false, reason: null })
      const job = { environmentId, learner, seed, steps: header.steps, folder: folder(id), resume: true }
      return start({ kind: 'train', ...job }, id)
    },
    stop(id) {
      const running = training.get(id)
      if (running === undefined) throw new UserError('conflict', `${id} does not train now`, { id })
      running.child.send({ kind: 'stop' })
    },
    async remove(id) {
      if ((await inventory.one(checkedId(id))) === null)
        throw new UserError('not-found', `there is no behaviour "${id}"`, { id })
      const running = training.get(id)
      running?.child.kill()
      // Its end is written into the folder: that comes first.
      await running?.ended
      unwritten.delete(id)
      await rm(folder(id), { recursive: true, force: true })
      inventory.forget(id)
      changes.announce()
    },
    changed: signal => changes.changed(signal),
    close: () => {
      for (const { child } of training.values()) child.kill()
    }
  }
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
    throw new UserError('conflict', `${id} is there already; remove it or choose another seed`, { id })
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
