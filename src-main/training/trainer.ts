/** The trainer process: one run, from the `start` message to `ended`. It never opens the store. */
import { now } from '../base/clock.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { stackOf } from '../base/log.ts'
import { parentChannel } from '../base/parentChannel.ts'
import { runLockFile } from '../store/home.ts'
import { boundariesOf, nextEvaluation } from './boundaries.ts'
import { writeCheckpoint } from './checkpoints.ts'
import { withDiskSpace } from './diskSpace.ts'
import { describeDivergence } from './divergence.ts'
import { evaluationPoints } from './evaluator.ts'
import { train, type TrainingHooks, type TrainingOutcome } from './loop.ts'
import type { FromTrainer, ToTrainer, TrainingJob } from './messages.ts'
import { evaluatePolicy } from './policyEvaluation.ts'
import { exportPolicyModel } from './policyExport.ts'
import { messagesOf, Outbox } from './outbox.ts'
import { Reporter } from './reporter.ts'
import { lockRun } from './runLock.ts'
import { type Setup, setUp } from './setup.ts'

/** The longest that a trainer outlives its parent. */
const orphanMs = 9_500

const channel = parentChannel()
const outbox = new Outbox()
const send = (message: FromTrainer): void => channel.send(outbox.take(message))
const leaving = new AbortController()
let requested: 'pause' | 'stop' | null = null

function leave(how: 'pause' | 'stop'): void {
  requested ??= how
  leaving.abort()
}

function orphaned(): void {
  leave('pause')
  setTimeout(() => process.exit(1), orphanMs).unref()
}

channel.onMessage(message => {
  const order = message as ToTrainer
  if (order.kind === 'start') void main(() => runJob(order.job))
  else if (order.kind === 'export') void main(() => exportJob(order))
  else if (order.kind === 'evaluate') void main(() => evaluateJob(order))
  else if (order.kind === 'stored') outbox.stored(order.sequence)
  else leave(order.kind)
})
channel.onClose(orphaned)
process.on('SIGTERM', () => leave('pause'))
process.on('SIGINT', () => leave('pause'))

async function main(work: () => Promise<FromTrainer>): Promise<void> {
  const ended = await work().catch((error: unknown): FromTrainer => {
    const bug = !(error instanceof UserError)
    if (bug) send({ kind: 'log', level: 'error', step: null, text: stackOf(error) })
    const reason = bug ? `The trainer failed: ${messageOf(error)}. The log has the place.` : messageOf(error)
    return { kind: 'ended', state: 'failed', reason }
  })
  send(ended)
  await channel.flush()
  process.exit(0)
}

async function runJob(job: TrainingJob): Promise<FromTrainer> {
  const sayWaiting = (pid: number): void => {
    const text = `Process ${pid}, an earlier trainer of this run, still writes its last checkpoint; waiting for it to end.`
    send({ kind: 'log', level: 'info', step: null, text })
  }
  try {
    const free = await lockRun(runLockFile(job.folder), sayWaiting, leaving.signal)
    return await trainJob(job).finally(free)
  } catch (error) {
    if (requested === null || !isAbort(error)) throw error
    return { kind: 'ended', state: requested === 'pause' ? 'paused' : 'stopped', reason: null }
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

async function trainJob(job: TrainingJob): Promise<FromTrainer> {
  const setup = await setUp(job)
  const { parts, run, resumed } = setup
  const reporter = new Reporter(
    send,
    parts.method.config.gradientSteps,
    resumed?.snapshot.step ?? 0,
    resumed?.snapshot.activeSeconds ?? 0
  )
  try {
    announce(setup, reporter)
    const outcome = await train(parts, resumed?.snapshot ?? null, hooksOf(setup, reporter))
    return endOf(outcome, setup, reporter, run.engine.id)
  } finally {
    await setup.evaluator?.close()
    reporter.close()
  }
}

function announce({ run, resumed, bitExact, damaged, data }: Setup, reporter: Reporter): void {
  const say = (level: 'info' | 'warning', text: string): void =>
    reporter.say({ kind: 'log', level, step: resumed?.snapshot.step ?? 0, text })
  const resumedFrom = resumed?.snapshot.step ?? null
  const engine = { ...run.engine, precision: run.engine.precision ?? 'float32' }
  reporter.say({ kind: 'started', engine, resumedFrom, bitExact })
  reporter.note({ lastCheckpointStep: resumedFrom })
  if (resumed?.unstored) for (const message of messagesOf(resumed.unstored)) reporter.say(message)
  for (const text of damaged) say('warning', `${text}; it was set aside and an older one is used.`)
  const { training, heldOut } = data
  const parts = `${training.episodes.length} episodes (${training.rowCount} transitions), ${heldOut.episodes.length} held out`
  say(
    'info',
    resumedFrom === null ? `Training on ${parts}.` : `Continuing from the checkpoint of step ${resumedFrom}.`
  )
  if (!bitExact)
    say(
      'warning',
      'The engine differs from the one before: results are no longer bit for bit those of one run.'
    )
}

function hooksOf(setup: Setup, reporter: Reporter): TrainingHooks {
  const { evaluator, parts } = setup
  const boundaries = boundariesOf(parts.method.config, null)
  const evaluate: TrainingHooks['evaluate'] = async (step, seconds, state) => {
    try {
      const work = () => evaluator!.evaluate(step, seconds, state, leaving.signal)
      const evaluation = await withDiskSpace(work, reporter, leaving.signal)
      reporter.say({ kind: 'evaluation', evaluation })
      return evaluationPoints(evaluation)
    } catch (error) {
      if (leaving.signal.aborted) return null // Interrupted by a request; it is due again on resume.
      throw error
    }
  }
  return {
    points: (step, seconds, values) => reporter.points(step, seconds, values),
    advanced: (step, seconds) =>
      reporter.advanced(step, seconds, evaluator && nextEvaluation(step, boundaries)),
    evaluate: evaluator && evaluate,
    checkpoint: async (snapshot, kind) => {
      // Points up to a checkpoint are never computed again, so they leave this process before it exists.
      reporter.sendPoints()
      await channel.flush()
      const unstored = outbox.unstored()
      const write = () => writeCheckpoint(setup.checkpoints, snapshot, kind, setup.run, unstored)
      const { name: file, sizeBytes, removed } = await withDiskSpace(write, reporter, leaving.signal)
      reporter.note({ lastCheckpointStep: snapshot.step, lastCheckpointAt: now() })
      reporter.say({
        kind: 'checkpoint',
        step: snapshot.step,
        file,
        sizeBytes,
        checkpointKind: kind,
        removed
      })
    },
    requested: () => requested,
    phase: phase => reporter.note({ phase })
  }
}

function endOf(outcome: TrainingOutcome, { data }: Setup, reporter: Reporter, engine: string): FromTrainer {
  reporter.note({ phase: outcome.kind })
  reporter.sendProgress()
  if (outcome.kind !== 'diverged') return { kind: 'ended', state: outcome.kind, reason: null }
  const { divergence } = outcome
  const reason = describeDivergence(divergence, engine, episode => data.training.episodeIndices[episode])
  reporter.say({ kind: 'log', level: 'error', step: divergence.step, text: reason })
  return { kind: 'ended', state: 'diverged', reason }
}

async function exportJob({
  job,
  checkpoint,
  file
}: Extract<ToTrainer, { kind: 'export' }>): Promise<FromTrainer> {
  const exported = await exportPolicyModel(job, checkpoint, file)
  return { kind: 'exported', ...exported }
}

async function evaluateJob({
  job,
  checkpoint,
  episodes
}: Extract<ToTrainer, { kind: 'evaluate' }>): Promise<FromTrainer> {
  const evaluation = await evaluatePolicy(job, checkpoint, episodes, leaving.signal)
  return { kind: 'evaluated', evaluation }
}
