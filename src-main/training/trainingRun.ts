import { type Execution, executionTexts } from '../../src-preload/contract/execution.ts'
import { now } from '../base/clock.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { stackOf } from '../base/log.ts'
import type { ParentChannel } from '../base/parentChannel.ts'
import { runLockFile } from '../store/home.ts'
import { boundariesOf, nextEvaluation } from './boundaries.ts'
import { type CheckpointRun, writeCheckpoint } from './checkpoints.ts'
import { withDiskSpace } from './diskSpace.ts'
import { describeDivergence } from './divergence.ts'
import { evaluationPoints, failedEvaluation } from './episodes.ts'
import type { Evaluator } from './evaluator.ts'
import { train, type TrainingHooks, type TrainingOutcome, type TrainingParts } from './loop.ts'
import type { FromTrainer, TrainingJob } from './messages.ts'
import { messagesOf, Outbox } from './outbox.ts'
import { Reporter } from './reporter.ts'
import { lockRun } from './runLock.ts'
import { type Setup, setUp } from './setup.ts'

/** How a run of a group differs from one by itself. */
export type RunSurroundings = Parameters<typeof setUp>[1] & Pick<TrainingParts, 'adaptCallSteps'>

/** One run in a trainer process, from its job to `ended`. */
export class TrainingRun {
  readonly #job: TrainingJob
  readonly #channel: Pick<ParentChannel, 'send' | 'flush'>
  readonly #outbox = new Outbox()
  readonly #leaving = new AbortController()
  #requested: 'pause' | 'stop' | null = null

  constructor(job: TrainingJob, channel: Pick<ParentChannel, 'send' | 'flush'>) {
    this.#job = job
    this.#channel = channel
  }

  /** Asks for a checkpoint and the end; the first request is the one carried out. */
  leave(how: 'pause' | 'stop'): void {
    this.#requested ??= how
    this.#leaving.abort()
  }

  /** Points and evaluations up to this number are in the store. */
  stored(sequence: number): void {
    this.#outbox.stored(sequence)
  }

  /** A line for the run's log. */
  say(level: 'info' | 'warning', text: string): void {
    this.#send({ kind: 'log', level, step: null, text })
  }

  /** Trains; never rejects. @param around what the run has in common with others in this process */
  async run(around: RunSurroundings = {}): Promise<void> {
    this.#send(
      await this.#lockAndTrain(around).catch(error => failure(error, message => this.#send(message)))
    )
  }

  #send(message: FromTrainer): void {
    this.#channel.send(this.#outbox.take(message))
  }

  async #lockAndTrain(around: RunSurroundings): Promise<FromTrainer> {
    const sayWaiting = (pid: number): void =>
      this.say(
        'info',
        `Process ${pid}, an earlier trainer of this run, still writes its last checkpoint; waiting for it to end.`
      )
    try {
      const free = await lockRun(runLockFile(this.#job.folder), sayWaiting, this.#leaving.signal)
      return await this.#train(around).finally(free)
    } catch (error) {
      if (this.#requested === null || !isAbort(error)) throw error
      return { kind: 'ended', state: this.#requested === 'pause' ? 'paused' : 'stopped', reason: null }
    }
  }

  async #train({ adaptCallSteps, ...around }: RunSurroundings): Promise<FromTrainer> {
    const setup = await setUp(this.#job, around)
    const { parts, run, resumed } = setup
    const reporter = new Reporter(
      message => this.#send(message),
      parts.method.config.gradientSteps,
      resumed?.snapshot.step ?? 0,
      resumed?.snapshot.activeSeconds ?? 0
    )
    try {
      announce(setup, reporter)
      const hooks = this.#hooks(setup, reporter)
      const outcome = await train({ ...parts, adaptCallSteps }, resumed?.snapshot ?? null, hooks)
      return endOf(outcome, setup, reporter, run.engine.id)
    } finally {
      setup.evaluator?.close()
      reporter.close()
    }
  }

  /** Evaluates; one that cannot be made is marked and told, and the run goes on. */
  #evaluation(evaluator: Evaluator, reporter: Reporter): NonNullable<TrainingHooks['evaluate']> {
    const { signal } = this.#leaving
    return async ({ step, seconds, tensors, repeated }) => {
      const at = { step, seconds }
      const isLast = step === evaluator.setting.method.config.gradientSteps
      const play = () => withDiskSpace(() => evaluator.evaluate(at, tensors, signal), reporter, signal)
      const say = (text: string): void => reporter.say({ kind: 'log', level: 'error', step, text })
      let evaluation
      try {
        evaluation = await (isLast ? twice(play, signal, say) : play())
      } catch (error) {
        if (signal.aborted) return null // Interrupted by a request; it is due again on resume.
        say(failureText(step, error, isLast))
        evaluation = failedEvaluation(evaluator.setting.episodes, at)
      }
      reporter.say({ kind: 'evaluation', evaluation, ...(repeated && { repeated }) })
      return evaluationPoints(evaluation)
    }
  }

  #hooks(setup: Setup, reporter: Reporter): TrainingHooks {
    const { evaluator, parts } = setup
    const boundaries = boundariesOf(parts.method.config, null)
    let { run } = setup
    return {
      points: (step, seconds, values, repeated) => reporter.points(step, seconds, values, repeated),
      advanced: (step, seconds) =>
        reporter.advanced(step, seconds, evaluator && nextEvaluation(step, boundaries)),
      evaluate: evaluator && this.#evaluation(evaluator, reporter),
      checkpoint: async (snapshot, kind) => {
        // Points up to a checkpoint are never computed again, so they leave this process before it exists.
        reporter.sendPoints()
        await this.#channel.flush()
        const unstored = this.#outbox.unstored()
        const write = () => writeCheckpoint(setup.checkpoints, snapshot, kind, run, unstored)
        const { name: file, sizeBytes, removed } = await withDiskSpace(write, reporter, this.#leaving.signal)
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
      requested: () => this.#requested,
      note: text =>
        reporter.say({ kind: 'log', level: 'info', step: setup.resumed?.snapshot.step ?? 0, text }),
      runsAs: execution => {
        sayExecution(run, execution, reporter)
        run = { ...run, engine: { ...run.engine, execution } }
      },
      phase: phase => reporter.note({ phase })
    }
  }
}

/** The last evaluation decides a run's score and has no successor, so it is tried once more. */
async function twice<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  say: (text: string) => void
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) throw error
    say(`The final evaluation failed: ${messageOf(error)}. It is made once more.`)
    return work()
  }
}

const failureText = (step: number, error: unknown, isLast: boolean): string =>
  isLast
    ? `The final evaluation failed again: ${messageOf(error)}. The run ends without a score; \`stitchwork evaluate\` makes it anew from the last checkpoint.`
    : `The evaluation of step ${step} failed: ${messageOf(error)}. Training goes on; the next evaluation starts afresh.`

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

/** The last message of a job that failed; a bug, or what memory ran out in, leaves its stack in the log. */
export function failure(error: unknown, send: (message: FromTrainer) => void): FromTrainer {
  if (error instanceof UserError) return { kind: 'ended', state: 'failed', reason: error.message }
  send({ kind: 'log', level: 'error', step: null, text: stackOf(error) })
  const message = messageOf(error)
  const reason = memoryWords.test(message)
    ? `Memory ran out (${message}). Resume when there is more of it, with fewer runs side by side, or start a run with a smaller batch or network.`
    : `The trainer failed: ${message}. The log has the place.`
  return { kind: 'ended', state: 'failed', reason }
}

/** How V8, ONNX Runtime, C++ and TensorFlow say that there is no memory left. */
const memoryWords =
  /array buffer allocation failed|failed to allocate memory|bad_alloc|oom when allocating|out of memory/i

function announce({ run, resumed, bitExact, damaged, data }: Setup, reporter: Reporter): void {
  const say = (level: 'info' | 'warning', text: string): void =>
    reporter.say({ kind: 'log', level, step: resumed?.snapshot.step ?? 0, text })
  const resumedFrom = resumed?.snapshot.step ?? null
  const engine = { ...run.engine, precision: run.engine.precision ?? 'float32' }
  reporter.say({ kind: 'started', engine, resumedFrom, bitExact })
  reporter.note({ lastCheckpointStep: resumedFrom })
  if (resumed?.unstored) for (const message of messagesOf(resumed.unstored)) reporter.say(message)
  const instead =
    resumedFrom === null ? 'no whole one is left, so the run starts over' : 'an older one is used'
  for (const text of damaged) say('warning', `${text}; it was set aside and ${instead}.`)
  const { training, heldOut } = data
  const parts = `${training.episodes.length} episodes (${training.rowCount} transitions), ${heldOut.episodes.length} held out`
  say(
    'info',
    resumedFrom === null ? `Training on ${parts}.` : `Continuing from the checkpoint of step ${resumedFrom}.`
  )
  if (!bitExact) say('warning', `The engine differs from the one before${notBitExact}`)
}

const notBitExact = ': results are no longer bit for bit those of one run.'

/** Tells how the steps run. @param run as it was before, with the way in which earlier steps ran where there were some */
function sayExecution({ engine }: CheckpointRun, execution: Execution, reporter: Reporter): void {
  const before = engine.execution?.mode ?? execution.mode
  const bitExact = before === execution.mode
  reporter.say({ kind: 'runsAs', execution, bitExact })
  if (bitExact) return
  const [then, here] = [before, execution.mode].map(mode => executionTexts[mode])
  const text = `The steps run ${here}, and those before the resume ran ${then}${notBitExact}`
  reporter.say({ kind: 'log', level: 'warning', step: null, text })
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
