import type { Stretch } from '../../src-preload/contract/collect.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import { type Watched, watchedWith } from '../../src-preload/contract/watched.ts'
import { messageOf } from '../base/errors.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import { manifestName, readManifest, withStretch, writeManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import type { FromTraining, TrainingProgress, TrainJob } from './messages.ts'

interface Training {
  readonly child: ChildHandle
  readonly ended: Promise<void>
  progress: TrainingProgress | null
}

interface News {
  readonly onStart: (stretch: Stretch) => void
  readonly onProgress: (progress: TrainingProgress) => void
  readonly onCheckpoint: () => void
}

/** Watches one training; resolves with what is to be remembered of its end. */
function watch(child: ChildHandle, news: News): Promise<Partial<Manifest>> {
  let told: Partial<Manifest> = {
    reason:
      'its process ended without a word, as it does when memory runs out; let it go on from its last checkpoint, or remove it and train it again'
  }
  child.onMessage(message => {
    const said = message as FromTraining
    if (said.kind === 'started') news.onStart({ from: said.from, engine: said.engine })
    else if (said.kind === 'checkpoint') news.onCheckpoint()
    else if (said.kind === 'progress') news.onProgress(said)
    else if (said.kind === 'finished') told = { finished: !said.stopped, stopped: said.stopped }
    else if (said.kind === 'failed') told = { reason: said.error.message }
  })
  return new Promise(resolve => child.onExit(() => resolve(told)))
}

/** The trainings of now, a process each, by the ids of their behaviours; how each ends is written into its manifest. */
export class Trainings {
  readonly #host: ProcessHost
  readonly #changed: (id: string) => void
  /** By what manifests are written one after the other. */
  readonly #writing = new Map<string, Promise<void>>()
  /** Returns while learning, of all that trained since this began. */
  readonly #watched = new Map<string, Watched>()
  readonly #running = new Map<string, Training>()
  /** Why something of a training could not be written down. */
  readonly #unwritten = new Map<string, string>()
  #isClosed = false

  /** @param changed called at every news of any of them with its id */
  constructor(host: ProcessHost, changed: (id: string) => void) {
    this.#host = host
    this.#changed = changed
  }

  has(id: string): boolean {
    return this.#running.has(id)
  }

  /** What a training said last of how far it is. */
  progressOf(id: string): TrainingProgress | null {
    return this.#running.get(id)?.progress ?? null
  }

  /** What it said until now of the returns while it learns. */
  watchedOf(id: string): Watched {
    return this.#watched.get(id) ?? []
  }

  /** Why nobody wrote down how a training went or ended. */
  problemOf(id: string): string | undefined {
    return this.#unwritten.get(id)
  }

  start(job: TrainJob, id: string): void {
    const child = this.#host.start('collector')
    const ended = watch(child, {
      onStart: stretch =>
        void this.#write(job, id, known => ({
          ...known,
          stretches: withStretch(known.stretches ?? [], stretch)
        })),
      onCheckpoint: () => this.#changed(id),
      onProgress: progress => {
        const running = this.#running.get(id)
        if (running !== undefined) running.progress = progress
        const { lived, recentReturn } = progress
        const recent = recentReturn === null ? null : toScalar(recentReturn)
        this.#watched.set(id, watchedWith(this.watchedOf(id), lived, recent))
        this.#changed(id)
      }
    })
    this.#unwritten.delete(id)
    this.#running.set(id, { child, ended: this.#finish(job, id, ended), progress: null })
    child.send(job)
    this.#changed(id)
  }

  /** Asks a training to end with what was reached; false when there is none. */
  stop(id: string): boolean {
    const running = this.#running.get(id)
    running?.child.send({ kind: 'stop' })
    return running !== undefined
  }

  /** Ends a training at once, if there is one; resolves when its end is written down. */
  async kill(id: string): Promise<void> {
    const running = this.#running.get(id)
    running?.child.kill()
    await running?.ended
    this.#unwritten.delete(id)
    this.#watched.delete(id)
  }

  /** Ends all at once. They were interrupted then, which their manifests say already. */
  close(): void {
    this.#isClosed = true
    for (const { child } of this.#running.values()) child.kill()
  }

  async #finish(job: TrainJob, id: string, ended: Promise<Partial<Manifest>>): Promise<void> {
    const how = await ended
    await this.#write(job, id, known => ({ ...known, ...how }))
    this.#running.delete(id)
    this.#changed(id)
  }

  /** Changes a manifest after what is being written of it. */
  #write({ folder }: TrainJob, id: string, change: (known: Manifest) => Manifest): Promise<void> {
    const written = (this.#writing.get(id) ?? Promise.resolve()).then(async () => {
      try {
        const known = this.#isClosed ? null : await readManifest(folder)
        if (known !== null) await writeManifest(folder, change(known))
      } catch (error) {
        this.#unwritten.set(
          id,
          `how it went could not be written into its ${manifestName}: ${messageOf(error)}`
        )
      }
    })
    this.#writing.set(id, written)
    return written.then(() => this.#changed(id))
  }
}
