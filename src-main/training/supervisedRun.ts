import type { Run, RunState } from '../../src-preload/contract/runs.ts'
import { monotonicSeconds, now } from '../base/clock.ts'
import type { ChildHandle } from '../base/processHost.ts'
import { addCheckpoint, removeCheckpoint } from '../store/checkpoints.ts'
import { addEvaluation, listEvaluations } from '../store/evaluations.ts'
import { appendLog } from '../store/log.ts'
import { seriesFacts } from '../store/metrics.ts'
import type { MetricWriter } from '../store/metricWriter.ts'
import { findRun, type RunPatch, updateRun } from '../store/runs.ts'
import { sealRun } from '../store/seal.ts'
import { beginSegment } from '../store/segments.ts'
import type { FromTrainer, MetricBlock, ToTrainer, TrainingJob } from './messages.ts'
import type { SupervisorDependencies } from './supervisorInterface.ts'

/** A trainer that says nothing for so long is shown as stalled; it may be swapping, suspended or stuck. */
const stalledAfterSeconds = 30

type Ended = Extract<FromTrainer, { kind: 'ended' }>

/** What the supervisor gives to each run it watches. */
export interface Watch {
  readonly dependencies: SupervisorDependencies
  readonly writer: MetricWriter
  /** Called once, when the process is gone and its end is stored. */
  readonly onGone: (runId: string) => void
}

/** One run while its trainer lives: stores what the trainer says and how it ended. */
export class SupervisedRun {
  readonly #watch: Watch
  readonly #job: TrainingJob
  readonly #child: ChildHandle
  readonly gone: Promise<void>
  #heardAt = monotonicSeconds()
  #stalled = false
  #asked = false
  #ended: Ended | null = null
  /** Number of the last points or evaluation that came, until the trainer knows that they are stored. */
  #unacknowledged: number | null = null

  constructor(child: ChildHandle, job: TrainingJob, watch: Watch) {
    this.#watch = watch
    this.#job = job
    this.#child = child
    child.onMessage(message => this.#guarded(() => this.#receive(message as FromTrainer)))
    this.gone = new Promise(resolve =>
      child.onExit((code, signal) => {
        this.#guarded(() => this.#exited(code, signal))
        watch.onGone(job.runId)
        resolve()
      })
    )
    this.#send({ kind: 'start', job })
  }

  /** Asks for a checkpoint and the end. */
  request(kind: 'pause' | 'stop'): void {
    if (this.#asked) return // The first request is being carried out.
    this.#asked = true
    this.#update({ state: kind === 'pause' ? 'pausing' : 'stopping' })
    this.#send({ kind })
  }

  kill(): void {
    this.#child.kill()
  }

  /** Says so when the trainer has been silent for too long. */
  checkAlive(): void {
    const silent = monotonicSeconds() - this.#heardAt
    if (this.#stalled || silent < stalledAfterSeconds) return
    this.#stalled = true
    const run = findRun(this.#watch.dependencies.db, this.#job.runId)
    if (run) this.#update({ progress: { ...run.progress, stepsPerSecond: 0, phase: 'stalled' } })
    this.#log('warning', null, `The trainer has given no sign of life for ${Math.round(silent)} s.`)
  }

  #send(message: ToTrainer): void {
    this.#child.send(message)
  }

  /** A failing store (a full disk) must not take the whole app down; the trainer goes on and the points wait. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#watch.dependencies.log.error(`run ${this.#job.runId}`, error)
    }
  }

  #receive(message: FromTrainer): void {
    this.#heardAt = monotonicSeconds()
    if (this.#stalled) this.#log('info', null, 'The trainer answers again.')
    this.#stalled = false
    const { runId } = this.#job
    switch (message.kind) {
      case 'started':
        return this.#started(message)
      case 'runsAs':
        return this.#runsAs(message)
      case 'metrics':
        this.#unacknowledged = message.sequence ?? null
        return this.#watch.writer.push(
          runId,
          message.repeated ? this.#missing(message.blocks) : message.blocks
        )
      case 'progress':
        return this.#update({ progress: message.progress, activeSeconds: message.activeSeconds })
      case 'evaluation':
        return this.#evaluation(message)
      case 'checkpoint':
        return this.#checkpoint(message)
      case 'log':
        return this.#log(message.level, message.step, message.text)
      case 'ended':
        this.#ended = message
        return
      case 'evaluated':
      case 'exported':
        return
    }
  }

  /** Tells the trainer what it need not keep any more; called after every commit of points. */
  committed(): void {
    if (this.#unacknowledged === null || this.#watch.writer.pendingPoints > 0) return
    this.#send({ kind: 'stored', sequence: this.#unacknowledged })
    this.#unacknowledged = null
  }

  /** The part of repeated points that the store lacks: points are stored in the order of their steps. */
  #missing(blocks: readonly MetricBlock[]): MetricBlock[] {
    const { db } = this.#watch.dependencies
    const stored = new Map(seriesFacts(db, this.#job.runId).map(({ key, lastStep }) => [key, lastStep]))
    return blocks.map(({ key, steps, seconds, values }) => {
      const last = stored.get(key) ?? -1
      const from = steps.findIndex(step => step > last)
      const first = from < 0 ? steps.length : from
      return { key, steps: steps.slice(first), seconds: seconds.slice(first), values: values.slice(first) }
    })
  }

  #evaluation({ evaluation, repeated, sequence }: Extract<FromTrainer, { kind: 'evaluation' }>): void {
    const { db, changes } = this.#watch.dependencies
    const { runId } = this.#job
    const complete = this.#watch.writer.flush()
    if (!repeated || !listEvaluations(db, runId).some(({ step }) => step === evaluation.step)) {
      addEvaluation(db, runId, evaluation)
      changes.evaluationAdded(runId)
      changes.runsChanged([runId])
    }
    this.#unacknowledged = sequence ?? null
    if (complete) this.committed()
  }

  #started({ engine, resumedFrom, bitExact }: Extract<FromTrainer, { kind: 'started' }>): void {
    const { db } = this.#watch.dependencies
    const run = findRun(db, this.#job.runId)
    if (!run) return
    if (this.#job.resume) {
      this.#watch.writer.flush()
      beginSegment(db, run.id, resumedFrom ?? 0)
    }
    const state: RunPatch = this.#asked ? {} : { state: 'running' }
    this.#update({ ...state, engine, bitExact: run.bitExact && bitExact, reason: null })
  }

  #runsAs({ execution, bitExact }: Extract<FromTrainer, { kind: 'runsAs' }>): void {
    const run = findRun(this.#watch.dependencies.db, this.#job.runId)
    if (run?.engine)
      this.#update({ engine: { ...run.engine, execution }, bitExact: run.bitExact && bitExact })
  }

  #checkpoint(message: Extract<FromTrainer, { kind: 'checkpoint' }>): void {
    const { db } = this.#watch.dependencies
    const { step, file, sizeBytes, checkpointKind, removed } = message
    addCheckpoint(db, this.#job.runId, { step, file, sizeBytes, kind: checkpointKind })
    for (const old of removed) removeCheckpoint(db, this.#job.runId, old)
    const run = findRun(db, this.#job.runId)
    const saved = { lastCheckpointStep: step, lastCheckpointAt: now() }
    if (run) this.#update({ progress: { ...run.progress, ...saved } })
  }

  #log(level: 'info' | 'warning' | 'error', step: number | null, text: string): void {
    const { db, changes } = this.#watch.dependencies
    appendLog(db, this.#job.runId, { level, step, text })
    changes.logAppended(this.#job.runId)
  }

  #exited(code: number | null, signal: string | null): void {
    this.#watch.writer.flush()
    const { db } = this.#watch.dependencies
    const run = findRun(db, this.#job.runId)
    if (!run) return
    const { state, reason } = this.#ended ?? unexpectedEnd(run, code, signal)
    if (!this.#ended) this.#log('error', run.progress.step, reason ?? '')
    sealRun(db, run.id)
    const progress = { ...run.progress, stepsPerSecond: 0, secondsLeft: null, memoryBytes: 0, phase: state }
    this.#update({ state, reason, progress, endedAt: now() })
  }

  #update(patch: RunPatch): void {
    const { db, changes } = this.#watch.dependencies
    if (!findRun(db, this.#job.runId)) return
    updateRun(db, this.#job.runId, patch)
    changes.runsChanged([this.#job.runId])
  }
}

/** State and sentence for a process that went without a word: killed from outside, or crashed by itself. */
function unexpectedEnd(
  { progress }: Run,
  code: number | null,
  signal: string | null
): { state: RunState; reason: string } {
  const { step, lastCheckpointStep } = progress
  const next =
    lastCheckpointStep === null
      ? 'it has no checkpoint, so resuming starts over'
      : `resuming goes on from step ${lastCheckpointStep}`
  const killed = signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGHUP'
  const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
  const cause = signal === 'SIGKILL' ? ' (the system does that when memory runs out)' : ''
  const reason = `Its process ${how}${cause} near step ${step}; ${next}.`
  return { state: killed ? 'interrupted' : 'failed', reason }
}
