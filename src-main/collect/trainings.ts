import { messageOf } from '../base/errors.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import { readManifest, writeManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import type { FromTraining, TrainingProgress, TrainJob } from './messages.ts'

interface Training {
  readonly child: ChildHandle
  readonly ended: Promise<void>
  progress: TrainingProgress | null
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

/** The trainings of now, a process each, by the ids of their behaviours; how each ends is written into its manifest. */
export class Trainings {
  readonly #host: ProcessHost
  readonly #changed: () => void
  readonly #running = new Map<string, Training>()
  /** Why the end of a training could not be written down. */
  readonly #unwritten = new Map<string, string>()
  #isClosed = false

  /** @param changed called at every news of any of them */
  constructor(host: ProcessHost, changed: () => void) {
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

  /** Why nobody wrote down how a training ended. */
  problemOf(id: string): string | undefined {
    return this.#unwritten.get(id)
  }

  start(job: TrainJob, id: string): void {
    const child = this.#host.start('collector')
    const ended = watch(child, progress => {
      const running = this.#running.get(id)
      if (running !== undefined) running.progress = progress ?? running.progress
      this.#changed()
    })
    this.#unwritten.delete(id)
    this.#running.set(id, { child, ended: this.#finish(job, id, ended), progress: null })
    child.send(job)
    this.#changed()
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
  }

  /** Ends all at once. They were interrupted then, which their manifests say already. */
  close(): void {
    this.#isClosed = true
    for (const { child } of this.#running.values()) child.kill()
  }

  async #finish(job: TrainJob, id: string, ended: Promise<Partial<Manifest>>): Promise<void> {
    try {
      const how = await ended
      const known = this.#isClosed ? null : await readManifest(job.folder)
      if (known !== null) await writeManifest(job.folder, { ...known, ...how })
    } catch (error) {
      this.#unwritten.set(id, messageOf(error))
    }
    this.#running.delete(id)
    this.#changed()
  }
}
