import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { behaviourInfo } from '../../src-preload/contract/collect.ts'
import type { BehaviourInfo } from '../../src-preload/contract/collect.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import { now } from '../base/clock.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { writeFileAtomic } from '../base/files.ts'
import { mean, sampleDeviation } from '../base/moments.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import { environmentById } from '../environments/index.ts'
import { replayName, readBehaviours } from './behaviourFiles.ts'
import type { FromTraining, TrainJob } from './messages.ts'
import { scoreOf } from './tiers.ts'

/** What stays of a behaviour beside its checkpoints, in `behaviour.json`. */
const manifest = behaviourInfo
  .pick({
    id: true,
    environmentId: true,
    learner: true,
    seed: true,
    steps: true,
    createdAt: true,
    reason: true
  })
  .extend({ formatVersion: z.literal(1), finished: z.boolean() })
type Manifest = z.infer<typeof manifest>
const manifestName = 'behaviour.json'

export interface BehaviourRequest {
  readonly environmentId: string
  readonly learner: 'ppo'
  readonly steps: number
  readonly seed: number
}

/** Behaviours on disk and those in training, each of which has a process of its own. */
export interface BehaviourLibrary {
  list(): Promise<BehaviourInfo[]>
  folder(id: string): string
  /** @throws UserError('not-found' | 'unsupported' | 'conflict') */
  train(request: BehaviourRequest): Promise<BehaviourInfo>
  stop(id: string): void
  remove(id: string): Promise<void>
  /** Resolves at the next change of any behaviour. */
  changed(signal: AbortSignal): Promise<void>
  close(): void
}

type Trainings = Map<string, { readonly child: ChildHandle; readonly ended: Promise<void> }>

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
function watch(child: ChildHandle, onCheckpoint: () => void): Promise<Partial<Manifest>> {
  let told: Partial<Manifest> = { reason: 'its process ended without a word; remove it and train it again' }
  child.onMessage(message => {
    const news = message as FromTraining
    if (news.kind === 'checkpoint') onCheckpoint()
    else if (news.kind === 'finished') told = { finished: !news.stopped }
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

  function train(job: TrainJob, id: string): void {
    const child = host.start('collector')
    const ended = watch(child, () => changes.announce())
    training.set(id, { child, ended: finish(job, id, ended) })
    child.send(job)
  }

  return {
    folder,
    async list() {
      const names = await readdir(root).catch(() => [])
      const infos = await Promise.all(names.map(name => infoOf(join(root, name), training, unwritten)))
      return infos.filter(info => info !== null).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    },
    async train(request) {
      const begun = await begin(root, request)
      train({ kind: 'train', ...request, folder: folder(begun.id) }, begun.id)
      changes.announce()
      return (await infoOf(folder(begun.id), training, unwritten))!
    },
    stop: id => training.get(id)?.child.send({ kind: 'stop' }),
    async remove(id) {
      const running = training.get(id)
      running?.child.kill()
      // Its end is written into the folder: that comes first.
      await running?.ended
      unwritten.delete(id)
      await rm(folder(id), { recursive: true, force: true })
      changes.announce()
    },
    changed: signal => changes.changed(signal),
    close: () => {
      for (const { child } of training.values()) child.kill()
    }
  }
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

function checkTrainable(environmentId: string): void {
  const environment = environmentById(environmentId)
  if (environment === undefined)
    throw new UserError('not-found', `there is no environment "${environmentId}"`)
  if (environment.actions.kind !== 'continuous')
    throw new UserError(
      'unsupported',
      `${environmentId} has discrete actions; behaviours are trained for continuous ones`
    )
}

async function readManifest(folder: string): Promise<Manifest | null> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => null)
  return text === null ? null : manifest.parse(JSON.parse(text))
}

async function writeManifest(folder: string, value: Manifest): Promise<void> {
  await writeFileAtomic(join(folder, manifestName), Buffer.from(JSON.stringify(value, null, 2) + '\n'))
}

async function infoOf(
  folder: string,
  training: Trainings,
  unwritten: ReadonlyMap<string, string>
): Promise<BehaviourInfo | null> {
  const known = await readManifest(folder)
  if (known === null) return null
  const { id, environmentId, learner, seed, steps, createdAt, finished } = known
  const reason = unwritten.get(id) ?? known.reason
  const behaviours = await readBehaviours(folder)
  const environment = environmentById(environmentId)
  const checkpoints = behaviours.map(({ steps: at, returns }) => {
    const values = Float64Array.from(returns)
    const score = environment ? scoreOf(environment, mean(values)) : null
    return {
      steps: at,
      meanReturn: toScalar(mean(values)),
      standardDeviation: toScalar(sampleDeviation(values)),
      score: score === null ? null : toScalar(score)
    }
  })
  const ended = finished ? 'finished' : reason === null ? 'stopped' : 'failed'
  return {
    ...{ id, environmentId, learner, seed, steps, createdAt, reason, checkpoints },
    lived: behaviours.at(-1)?.steps ?? 0,
    state: training.has(id) ? 'training' : ended,
    hasReplay: await stat(join(folder, replayName)).then(
      () => true,
      () => false
    )
  }
}
