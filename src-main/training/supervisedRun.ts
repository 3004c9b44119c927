import type { Run, RunState } from '../../src-preload/contract/runs.ts'
import { monotonicSeconds, now } from '../base/clock.ts'
import { UserError } from '../base/errors.ts'
import type { ChildHandle } from '../base/processHost.ts'
import { addCheckpoint, removeCheckpoint } from '../store/checkpoints.ts'
import { addEvaluation, listEvaluations } from '../store/evaluations.ts'
import { appendLog } from '../store/log.ts'
import { seriesFacts } from '../store/metrics.ts'
import type { MetricWriter } from '../store/metricWriter.ts'
import { findRun, type RunPatch, updateRun } from '../store/runs.ts'
import { sealRun } from '../store/seal.ts'
import { beginSegment } from '../store/segments.ts'
import { transaction } from '../store/sql.ts'
import type { FromTrainer, MetricBlock, ToTrainer, TrainingJob } from './messages.ts'
import { StoreQueue } from './storeQueue.ts'
import type { SupervisorDependencies } from './supervisorInterface.ts'

/** A trainer that says nothing for so long is shown as stalled; it may be swapping, suspended or stuck. */
const stalledAfterSeconds = 30
/** One that was asked to leave and says nothing for so long is ended: native code that hangs cannot be asked. */
const patienceSeconds = 60

type Ended = Extract<FromTrainer, { kind: 'ended' }>

/** What the supervisor gives to each run it watches. */
export interface Watch {
  readonly dependencies: SupervisorDependencies
  readonly writer: MetricWriter
  /** Called once, when the process is gone. */
  readonly onGone: (runId: string) => void
  /** Aborted when the store is about to be closed. */
  readonly closing: AbortSignal
}

/** One run while its trainer lives: stores what the trainer says and how it ended. */
export class SupervisedRun {
  readonly #watch: Watch
  readonly #job: TrainingJob
  readonly #child: ChildHandle
  readonly gone: Promise<void>
  #heardAt = monotonicSeconds()
  #stalled = false
  #asked: { readonly kind: 'pause' | 'stop'; readonly at: number } | null = null
  /** What it was asked when it was ended because it did not answer. */
  #unanswered: 'pause' | 'stop' | null = null
  readonly #toStore: StoreQueue
  #ended: Ended | null = null
  /** Number of the last points or evaluation that came, until the trainer knows that they are stored. */
  #unacknowledged: number | null = null

  constructor(child: ChildHandle, job: TrainingJob, watch: Watch) {
    this.#watch = watch
    this.#job = job
    this.#child = child
    const onError = (error: unknown): void => watch.dependencies.log.error(`run ${job.runId}`, error)
    this.#toStore = new StoreQueue(onError, watch.closing)
    child.onMessage(message => this.#heard(message as FromTrainer))
    this.gone = new Promise(resolve =>
      child.onExit((code, signal) => {
        this.#toStore.add(() => this.#exited(code, signal))
        watch.onGone(job.runId)
        resolve()
      })
    )
    this.#send({ kind: 'start', job })
  }

  /** Asks for a checkpoint and the end. */
  request(kind: 'pause' | 'stop'): void {
    if (this.#asked) return // The first request is being carried out.
    this.#asked = { kind, at: monotonicSeconds() }
    this.#toStore.add(() => this.#update({ state: kind === 'pause' ? 'pausing' : 'stopping' }))
    this.#send({ kind }) // After that: what it answers must not be overwritten.
  }

  kill(): void {
    this.#child.kill()
  }

  /** Says so when the trainer has been silent for too long, and ends one that was asked to leave and does not answer. */
  checkAlive(): void {
    const at = monotonicSeconds()
    const silent = at - this.#heardAt
    if (silent >= stalledAfterSeconds && !this.#stalled) {
      this.#stalled = true
      this.#toStore.add(() => this.#sayStalled(silent))
    }
    if (this.#asked && at - Math.max(this.#asked.at, this.#heardAt) >= patienceSeconds) {
      this.#unanswered = this.#asked.kind
      this.kill()
    }
  }

  #sayStalled(silent: number): void {
    const run = findRun(this.#watch.dependencies.db, this.#job.runId)
    if (run) this.#update({ progress: { ...run.progress, stepsPerSecond: 0, phase: 'stalled' } })
    const text = `The trainer has given no sign of life for ${Math.round(silent)} s. If it stays so, pause the run: a trainer that does not answer within ${patienceSeconds} s is ended, and the run can go on from its last checkpoint.`
    this.#log('warning', null, text)
  }

  #send(message: ToTrainer): void {
    this.#child.send(message)
  }

  #heard(message: FromTrainer): void {
    this.#heardAt = monotonicSeconds()
    if (this.#stalled) this.#toStore.add(() => this.#log('info', null, 'The trainer answers again.'))
    this.#stalled = false
    this.#toStore.add(() => this.#receive(message))
  }

  #receive(message: FromTrainer): void {
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
    // Points from before belong to the segment before.
    if (this.#job.resume && !this.#watch.writer.flush())
      throw new UserError('disk-full', 'points from before the resume are not stored yet')
    transaction(db, () => {
      if (this.#job.resume) beginSegment(db, run.id, resumedFrom ?? 0)
      const state: RunPatch = this.#asked ? {} : { state: 'running' }
      this.#update({ ...state, engine, bitExact: run.bitExact && bitExact, reason: null })
    })
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
    const { state, reason } =
      this.#ended ?? unexpectedEnd(run, { code, signal, unanswered: this.#unanswered })
    // One transaction: it may have to be tried again.
    transaction(db, () => {
      if (!this.#ended) this.#log('error', run.progress.step, reason ?? '')
      sealRun(db, run.id)
      const progress = { ...run.progress, stepsPerSecond: 0, secondsLeft: null, memoryBytes: 0, phase: state }
      this.#update({ state, reason, progress, endedAt: now() })
    })
  }

  #update(patch: RunPatch): void {
    const { db, changes } = this.#watch.dependencies
    if (!findRun(db, this.#job.runId)) return
    updateRun(db, this.#job.runId, patch)
    changes.runsChanged([this.#job.runId])
  }
}

/** How a process ended that said no last word. */
interface Exit {
  readonly code: number | null
  readonly signal: string | null
  /** What it was asked before it was ended for its silence. */
  readonly unanswered: 'pause' | 'stop' | null
}

/** State and sentence for a process that went without a word: killed from outside, or crashed by itself. */
function unexpectedEnd({ progress }: Run, exit: Exit): { state: RunState; reason: string } {
  const { step, lastCheckpointStep } = progress
  const next =
    lastCheckpointStep === null
      ? 'it has no checkpoint, so resuming starts over'
      : `resuming goes on from step ${lastCheckpointStep}`
  const { code, signal, unanswered } = exit
  if (unanswered !== null) {
    const reason = `Its trainer did not answer within ${patienceSeconds} s when it was asked to ${unanswered}, so its process was ended near step ${step}; ${next}.`
    return { state: 'interrupted', reason }
  }
  const killed = signal === 'SIGKILL' || signal === 'SIGTERM' || signal === 'SIGHUP'
  const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
  const cause =
    signal === 'SIGKILL'
      ? ' (the system does that when memory runs out)'
      : signal !== null && !killed
        ? ' (native code failed, which it also does when memory runs out)'
        : ''
  const reason = `Its process ${how}${cause} near step ${step}; ${next}.`
  return { state: killed ? 'interrupted' : 'failed', reason }
}
