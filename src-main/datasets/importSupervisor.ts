/** Starts importer processes and watches them: one a file, cancelled, limited in memory and in time without progress. */
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { DynamicsCheck, ImportAnswers, ImportProgress } from '../../src-preload/contract/datasets.ts'
import { monotonicSeconds, now } from '../base/clock.ts'
import { invariant, UserError } from '../base/errors.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import { visibleLine } from '../base/visible.ts'
import { catalogueEntry } from './catalogue.ts'
import { publishDataset } from './columns.ts'
import type { KeptCheck } from './dynamicsOf.ts'
import type { CheckJob, DatasetFilter, FromImporter, ImportJob, TierJob } from './importMessages.ts'
import { requireUnchanged, stampOf } from './sourceStamp.ts'

export interface ImportLimits {
  /** Resident memory an importer may take above what it starts with. */
  readonly memoryBytes: number
  readonly secondsWithoutProgress: number
  /** How often memory and time are looked at. */
  readonly checkEveryMs: number
}

export const defaultLimits: ImportLimits = {
  memoryBytes: 1 << 30,
  secondsWithoutProgress: 30,
  checkEveryMs: 75
}

export interface ImportPlaces {
  /** Half-made datasets; emptied at start-up by the store. */
  readonly staging: string
  readonly datasets: string
}

/**
 * Imports and generated datasets, each in a process of its own. When `imported` comes the dataset's folder is in place; it becomes
 * visible by a row in the catalogue.
 */
export interface ImportSupervisor {
  /** Reads a file or folder and reports what it holds; ends after the report. Aborting kills the process. */
  inspect(path: string, signal?: AbortSignal): AsyncGenerator<ImportProgress>
  /** Writes the dataset of an inspection; ends after `imported`. The inspection is then forgotten. */
  commit(
    inspectionId: string,
    name: string,
    answers: ImportAnswers,
    signal?: AbortSignal
  ): AsyncGenerator<ImportProgress>
  make(recipe: string, seed: number, signal?: AbortSignal): AsyncGenerator<ImportProgress>
  filter(
    folder: string,
    name: string,
    filter: DatasetFilter,
    signal?: AbortSignal
  ): AsyncGenerator<ImportProgress>
  combine(folders: readonly string[], name: string, signal?: AbortSignal): AsyncGenerator<ImportProgress>
  /** Makes a tier of data from a behaviour. */
  collect(job: Omit<TierJob, 'staging'>, signal?: AbortSignal): AsyncGenerator<ImportProgress>
  /** Repeats recorded steps of a stored dataset in simulation. @throws UserError('unsupported' | 'dataset-corrupt') */
  check(folder: string, name: string, signal?: AbortSignal): Promise<DynamicsCheck>
  discard(inspectionId: string): void
  /** Ends every process. */
  close(): void
}

interface Inspection {
  readonly path: string
  readonly stamp: string
  /** The dynamics check that it made: the commit does not make it again. */
  readonly dynamics: KeptCheck | null
}
const maximumInspections = 200
const shownName = (path: string): string => visibleLine(basename(path))

/** @param limits tests and settings may tighten them */
export function createImportSupervisor(
  host: ProcessHost,
  places: ImportPlaces,
  limits: ImportLimits = defaultLimits
): ImportSupervisor {
  const inspections = new Map<string, Inspection>()
  const closing = new AbortController()
  const untilClosed = (signal?: AbortSignal) =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal])
  const write = (job: WritingJob, what: string, signal?: AbortSignal, whole?: () => Promise<void>) =>
    writing({ host, places, limits, job, what, whole }, untilClosed(signal))
  return {
    async *inspect(path, signal) {
      const inspectionId = randomUUID()
      const stamp = await stampOf(path)
      const job: ImportJob = { kind: 'inspect', path, inspectionId, answers: {} }
      const events = runJob(host, limits, job, shownName(path), untilClosed(signal))
      for await (const event of unlessChanged(events, path, stamp)) {
        if (event.kind === 'progress') {
          yield event
          continue
        }
        const { report, dynamics } = event
        await requireUnchanged(path, stamp, 'while it was read')
        inspections.set(inspectionId, { path, stamp, dynamics })
        if (inspections.size > maximumInspections) inspections.delete(inspections.keys().next().value!)
        yield { kind: 'report', report }
      }
    },
    async *commit(inspectionId, name, answers, signal) {
      const inspection = inspections.get(inspectionId)
      if (inspection === undefined)
        throw new UserError('not-found', 'this inspection is over; choose the file again')
      const { path, stamp, dynamics } = inspection
      await requireUnchanged(path, stamp, 'since it was inspected')
      const job = (staging: string) =>
        ({ kind: 'commit', path, name, answers, staging, dynamics }) satisfies ImportJob
      const whole = () => requireUnchanged(path, stamp, 'while it was read')
      yield* unlessChanged(write(job, shownName(path), signal, whole), path, stamp)
      inspections.delete(inspectionId)
    },
    make: (recipe, seed, signal) =>
      write(staging => ({ kind: 'make', recipe, seed, staging }), recipe, signal),
    filter: (folder, name, filter, signal) =>
      write(staging => ({ kind: 'filter', folder, name, filter, staging }), name, signal),
    combine: (folders, name, signal) =>
      write(staging => ({ kind: 'combine', folders, name, staging }), name, signal),
    collect: (job, signal) =>
      write(staging => ({ ...job, staging }), `${job.environmentId} ${job.tier}`, signal),
    async check(folder, name, signal) {
      const job: CheckJob = { kind: 'check', folder }
      for await (const event of runJob(host, limits, job, name, untilClosed(signal)))
        if (event.kind === 'checked' && event.check !== null) return event.check
      invariant(false, 'a check ends with its result or throws')
    },
    discard: inspectionId => void inspections.delete(inspectionId),
    close: () => closing.abort()
  }
}

type WritingJob = (staging: string) => ImportJob | TierJob

interface Writing {
  readonly host: ProcessHost
  readonly places: ImportPlaces
  readonly limits: ImportLimits
  readonly job: WritingJob
  readonly what: string
  /** Throws where what was written must not be kept. */
  readonly whole: (() => Promise<void>) | undefined
}

async function* writing(
  { host, places, limits, job, what, whole }: Writing,
  signal: AbortSignal
): AsyncGenerator<ImportProgress> {
  const staging = join(places.staging, `dataset-${randomUUID()}`)
  try {
    for await (const event of runJob(host, limits, job(staging), what, signal)) {
      if (event.kind !== 'staged') yield event
      else {
        await whole?.()
        const folder = await publishDataset(staging, places.datasets, event.id)
        const entry = await catalogueEntry(folder)
        yield { kind: 'imported', dataset: { ...entry, note: '', createdAt: now(), archived: false } }
      }
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** What a damaged file is blamed for may only be that somebody is still writing it; that is told instead. */
async function* unlessChanged<T>(events: AsyncIterable<T>, path: string, stamp: string): AsyncGenerator<T> {
  try {
    yield* events
  } catch (error) {
    if ((error as { code?: string }).code === 'invalid-file')
      await requireUnchanged(path, stamp, 'while it was read')
    throw error
  }
}

type JobEvent =
  | Extract<ImportProgress, { kind: 'progress' }>
  | Extract<FromImporter, { kind: 'report' | 'checked' }>
  | { readonly kind: 'staged'; readonly id: string }
type EventOf<E> = E extends { kind: 'check' }
  ? JobEvent
  : E extends { kind: 'inspect' }
    ? Exclude<JobEvent, { kind: 'staged' | 'checked' }>
    : Exclude<JobEvent, { kind: 'report' | 'checked' }>

/** Runs one job in one process; the process is gone when the generator ends, however it ends. */
async function* runJob<E extends ImportJob | TierJob | CheckJob>(
  host: ProcessHost,
  limits: ImportLimits,
  job: E,
  what: string,
  signal?: AbortSignal
): AsyncGenerator<EventOf<E>> {
  if (signal?.aborted) throw cancelled(what)
  const child = host.start(job.kind === 'tier' ? 'collector' : 'importer')
  const watch = new Watch(child, limits, what, signal)
  try {
    child.send(job)
    for (;;) {
      const event = await watch.next()
      if (event === null) return
      yield event as never
      if (event.kind !== 'progress') return
    }
  } finally {
    await watch.end()
  }
}

/** A check that comes so much later than the last one says that everything stood still. */
const pauseSeconds = 1

const cancelled = (what: string): UserError =>
  new UserError('import-cancelled', `the import of ${what} was cancelled; nothing was kept`)

/** The messages of one process as a queue, with its limits. */
class Watch {
  readonly #child: ChildHandle
  readonly #limits: ImportLimits
  readonly #what: string
  readonly #queue: JobEvent[] = []
  #error: unknown = null
  #wake: () => void = () => undefined
  #baseline: number | null = null
  #memory = 0
  #lastProgress = monotonicSeconds()
  #lastCheck = monotonicSeconds()
  readonly #timer: NodeJS.Timeout
  readonly #exited: Promise<void>
  #gone = false
  readonly #release: () => void

  constructor(child: ChildHandle, limits: ImportLimits, what: string, signal?: AbortSignal) {
    this.#child = child
    this.#limits = limits
    this.#what = what
    child.onMessage(message => this.#take(message as FromImporter))
    this.#exited = new Promise(resolve => {
      child.onExit((code, reason) => {
        this.#gone = true
        const how = reason === null ? `code ${code}` : reason
        this.#fail(
          new UserError(
            'invalid-file',
            `reading ${what} ended without a result (the import process stopped with ${how}); the file may be damaged`
          )
        )
        resolve()
      })
    })
    const abort = () => this.#fail(cancelled(what))
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    this.#release = () => signal?.removeEventListener('abort', abort)
    this.#timer = setInterval(() => void this.#check(), limits.checkEveryMs)
  }

  #take(message: FromImporter): void {
    this.#lastProgress = monotonicSeconds()
    if (message.kind === 'ready') this.#baseline = message.memoryBytes
    else if (message.kind === 'failed') {
      const { code, message: text, details } = message.error
      this.#fail(new UserError(code, text, details))
    } else {
      if (message.kind === 'progress') this.#memory = message.memoryBytes
      this.#queue.push(message.kind === 'written' ? { kind: 'staged', id: message.id } : message)
      this.#wake()
    }
  }

  /** The first thing that goes wrong is what is told; the process is not left running. */
  #fail(error: unknown): void {
    this.#error ??= error
    if (!this.#gone) this.#child.kill()
    this.#wake()
  }

  /** Time in which this process was held up itself, asleep with the machine or stopped, is not held against the importer. */
  #forgivePause(): void {
    const elapsed = monotonicSeconds() - this.#lastCheck
    this.#lastCheck += elapsed
    if (elapsed > pauseSeconds) this.#lastProgress += elapsed
  }

  async #check(): Promise<void> {
    const { memoryBytes, secondsWithoutProgress } = this.#limits
    this.#forgivePause()
    const memory = (await residentBytes(this.#child.pid)) ?? this.#memory
    if (this.#baseline !== null && memory - this.#baseline > memoryBytes) {
      const used = Math.round((memory - this.#baseline) / (1 << 20))
      const limit = Math.round(memoryBytes / (1 << 20))
      this.#fail(
        new UserError(
          'import-memory',
          `reading ${this.#what} took ${used} MB of memory, more than the ${limit} MB allowed; the file may be damaged, or has to be split`
        )
      )
    } else if (monotonicSeconds() - this.#lastProgress > secondsWithoutProgress) {
      this.#fail(
        new UserError(
          'import-timeout',
          `reading ${this.#what} made no progress for ${secondsWithoutProgress} s and was stopped; the file may be damaged`
        )
      )
    }
  }

  /** The next event; null never comes before an end. @throws UserError */
  async next(): Promise<JobEvent | null> {
    for (;;) {
      const event = this.#queue.shift()
      if (event !== undefined) return event
      if (this.#error !== null) throw this.#error as Error
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#release()
    if (!this.#gone) this.#child.kill()
    await this.#exited
  }
}

/** Resident memory of another process, where the system tells (Linux); else null, and the process's own messages count. */
async function residentBytes(pid: number | undefined): Promise<number | null> {
  if (pid === undefined || process.platform !== 'linux') return null
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => null)
  return text === null ? null : Number(text.split(' ')[1]) * 4096
}
