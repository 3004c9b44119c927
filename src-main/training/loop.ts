import type { Execution } from '../../src-preload/contract/execution.ts'
import type { Precision } from '../../src-preload/contract/precision.ts'
import { monotonicSeconds } from '../base/clock.ts'
import type { HostTensors } from '../base/tensors.ts'
import type { TrainingView } from '../algorithms/algorithm.ts'
import type { Engine, RunRequest, RunResult, Session } from '../compute/engine.ts'
import type { Program } from '../compute/program.ts'
import { usableRows } from '../datasets/sampler.ts'
import { type Boundaries, boundariesOf, eventsAt, nextBoundary } from './boundaries.ts'
import { derivedOf, type Method, programColumns, trainingProgram } from './buildProgram.ts'
import { adaptCallSteps } from './callSteps.ts'
import { deriveColumns, RowEvaluator } from './derivedColumns.ts'
import { Diagnosis } from './diagnosis.ts'
import { explainDivergence, type Divergence } from './divergence.ts'
import { type DrawSpec, drawRequest, RequestDrawer } from './draws.ts'
import { policyTensors } from './policy.ts'
import type { DerivedValues, PendingEvaluation, Snapshot } from './snapshot.ts'
import { MetricWindow } from './window.ts'

/** What is trained, on what, by which engine. */
export interface TrainingParts {
  readonly method: Method
  readonly seed: number
  readonly engine: Engine
  readonly threads: number
  /** Of the matrix products in training steps; what is shown of them is computed in float32. */
  readonly precision?: Precision
  readonly view: TrainingView
  readonly heldOut: TrainingView | null
  /** Fixes K instead of measuring it. */
  readonly fixedCallSteps?: number
  /** K for the next call, from the steps and seconds of the last one, where runs of a group decide it in common. */
  readonly adaptCallSteps?: (steps: number, seconds: number) => number
}

/** What the loop tells and asks while it runs. */
export interface TrainingHooks {
  /**
   * Points of the metric curves; `seconds` are active seconds since the run's start.
   * @param repeated an earlier process of the run may have sent them
   */
  points(step: number, seconds: number, values: Readonly<Record<string, number>>, repeated?: boolean): void
  /** After every engine call. */
  advanced(step: number, seconds: number): void
  /**
   * Evaluates a policy while training goes on, one at a time; null where there is nothing to evaluate in.
   * @returns points to log, or null when a request interrupted it
   */
  readonly evaluate:
    | ((policy: PendingEvaluation & { readonly repeated: boolean }) => Promise<Record<string, number> | null>)
    | null
  checkpoint(snapshot: Snapshot, kind: CheckpointKind): Promise<void>
  /** What the person asked for meanwhile. */
  requested(): 'pause' | 'stop' | null
  /** How the engine runs the program, in a sentence for the run's log. */
  readonly note?: (text: string) => void
  /** How the engine ran the program, once a call has come through, from engines that have several ways. */
  readonly runsAs?: (execution: Execution) => void
  /** What the loop is busy with, for the progress line. */
  phase(text: string): void
}

export type CheckpointKind = 'periodic' | 'final' | 'pause'

export type TrainingOutcome =
  | { readonly kind: 'finished' | 'paused' | 'stopped' }
  | { readonly kind: 'diverged'; readonly divergence: Divergence }

/**
 * Trains from a snapshot, or from the beginning, until the end, a request or a non-finite step.
 * Results depend on the method, the data, the seed and the engine; never on K, pauses or time.
 */
export async function train(
  parts: TrainingParts,
  from: Snapshot | null,
  hooks: TrainingHooks
): Promise<TrainingOutcome> {
  const loop = await TrainingLoop.open(parts, from, hooks)
  try {
    return await loop.run()
  } finally {
    await loop.close()
  }
}

/** A state by name: sums over its tensors must not depend on whether it was just made or read from a file. */
const inOrder = (state: HostTensors): HostTensors =>
  Object.fromEntries(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)))

/** What a loop holds open, besides its position. */
interface Opened {
  readonly program: Program
  readonly session: Session
  readonly diagnosis: Diagnosis
  readonly evaluator: RowEvaluator
  readonly draws: DrawSpec
  readonly boundaries: Boundaries
}

class TrainingLoop {
  readonly #parts: TrainingParts
  readonly #hooks: TrainingHooks
  readonly #opened: Opened
  readonly #drawer: RequestDrawer
  readonly #window: MetricWindow
  readonly #startedAt: number
  readonly #secondsBefore: number
  #step: number
  #callSteps: number
  #derived: DerivedValues = {}
  #heldOutDerived: DerivedValues = {}
  /** An evaluation of the present step that has not begun. */
  #evaluationDue: boolean
  /** One that has begun and is not done, or was interrupted. */
  #pending: PendingEvaluation | null
  #evaluating: Promise<void> = Promise.resolve()
  #evaluationError: { readonly error: unknown } | null = null
  /** The last log point, whose diagnosis runs beside the next call. */
  #logging: Promise<void> = Promise.resolve()
  #closed = false
  #lastRows = new Int32Array(0)
  /** The last state that was read: where a replay starts. */
  #anchor: { readonly step: number; readonly state: HostTensors }
  #speed = { step: 0, since: 0, waited: 0 }

  static async open(
    parts: TrainingParts,
    from: Snapshot | null,
    hooks: TrainingHooks
  ): Promise<TrainingLoop> {
    const { algorithm, config, problem } = parts.method
    const { seed, engine, view, threads, precision } = parts
    hooks.phase('compiling')
    const state = inOrder(from?.state ?? algorithm.init(config, problem, seed))
    const program = trainingProgram(parts.method, view, state)
    const bootstraps = algorithm.needs(config).includes('nextObservations')
    const rows = usableRows(view, algorithm.select?.(config, view) ?? null, bootstraps)
    const loop = new TrainingLoop(parts, hooks, from, state, {
      program,
      session: await engine.compile(program, { threads, precision, note: hooks.note, runsAs: hooks.runsAs }),
      diagnosis: await Diagnosis.open(parts.method, program, seed, engine, { threads }),
      evaluator: new RowEvaluator(engine, { threads }),
      draws: { seed, batchSize: config.batchSize, rows, noise: program.noise },
      boundaries: boundariesOf(config, derivedOf(parts.method)?.refreshEvery ?? null)
    })
    await loop.#load(from)
    return loop
  }

  private constructor(
    parts: TrainingParts,
    hooks: TrainingHooks,
    from: Snapshot | null,
    state: HostTensors,
    opened: Opened
  ) {
    this.#parts = parts
    this.#hooks = hooks
    this.#opened = opened
    this.#drawer = new RequestDrawer(opened.draws)
    this.#window = new MetricWindow(opened.program.metrics, from?.window ?? null)
    this.#startedAt = monotonicSeconds()
    this.#secondsBefore = from?.activeSeconds ?? 0
    this.#step = from?.step ?? 0
    this.#callSteps = parts.fixedCallSteps ?? from?.callSteps ?? 1
    this.#evaluationDue = from?.evaluationDue ?? false
    this.#pending = from?.pendingEvaluation ?? null
    this.#anchor = { step: this.#step, state }
  }

  async #load(from: Snapshot | null): Promise<void> {
    await this.#opened.session.load(this.#anchor.state)
    if (from) {
      this.#derived = from.derived
      this.#heldOutDerived = from.heldOutDerived
      await this.#useColumns()
    } else {
      await this.#refresh()
    }
    this.#speed = { step: this.#step, since: monotonicSeconds(), waited: 0 }
  }

  async run(): Promise<TrainingOutcome> {
    if (this.#pending) this.#begin(this.#pending, true)
    await this.#evaluateIfDue(true)
    while (this.#step < this.#opened.boundaries.totalSteps) {
      const requested = this.#hooks.requested()
      if (requested) return this.#leave(requested)
      this.#hooks.phase(this.#pending ? 'training and evaluating' : 'training')
      const divergence = await this.#advance()
      if (divergence) return this.#diverged(divergence)
      await this.#afterCall()
    }
    await this.#logging
    await this.#evaluationDone()
    const requested = this.#isEvaluationOpen ? this.#hooks.requested() : null
    return requested ? this.#leave(requested) : { kind: 'finished' }
  }

  /** One engine call, drawing the next call's numbers meanwhile. */
  async #advance(): Promise<Divergence | null> {
    const first = this.#step
    const steps = this.#stepsFrom(first)
    const request = this.#drawer.take(first, steps)
    const began = monotonicSeconds()
    const running = this.#opened.session.run(request)
    this.#drawer.prepare(first + steps, this.#stepsFrom(first + steps))
    const result = await running
    const seconds = monotonicSeconds() - began
    const bad = result.finite.indexOf(0)
    if (bad >= 0) return this.#explain(first, request, result, bad)
    this.#window.add(result.metrics, steps)
    this.#step += steps
    this.#lastRows = request.indices.slice(-this.#opened.draws.batchSize)
    if (!this.#parts.fixedCallSteps && steps === this.#callSteps)
      this.#callSteps = (this.#parts.adaptCallSteps ?? adaptCallSteps)(steps, seconds)
    this.#hooks.advanced(this.#step, this.#seconds())
    return null
  }

  #stepsFrom(step: number): number {
    return Math.min(this.#callSteps, nextBoundary(step, this.#opened.boundaries) - step)
  }

  async #afterCall(): Promise<void> {
    const events = eventsAt(this.#step, this.#opened.boundaries)
    if (events.log) await this.#beginLog()
    if (events.refresh) await this.#refresh()
    this.#evaluationDue = events.evaluate && this.#hooks.evaluate !== null
    await this.#evaluateIfDue(false)
    if (events.checkpoint === 'final') await this.#evaluationDone()
    if (events.checkpoint && !(events.checkpoint === 'final' && this.#isEvaluationOpen))
      await this.#checkpoint(events.checkpoint)
  }

  /** Takes what a log point tells of the present; what must be computed for it is computed while training goes on. */
  async #beginLog(): Promise<void> {
    await this.#logging
    const means = Object.entries(this.#window.take()).map(([name, value]): [string, number] => [
      `train/${name}`,
      value
    ])
    const speed = { 'time/stepsPerSecond': this.#measureSpeed() }
    const [step, seconds] = [this.#step, this.#seconds()]
    const diagnosis = this.#diagnose(await this.#read())
    // Where both have a name, the mean over all steps says more than one batch.
    this.#logging = diagnosis.then(diagnosed =>
      this.#hooks.points(step, seconds, { ...diagnosed, ...Object.fromEntries(means), ...speed })
    )
    this.#logging.catch(() => undefined) // Whoever waits for the point gets the error.
  }

  #diagnose(state: HostTensors): Promise<Record<string, number>> {
    const { view, heldOut } = this.#parts
    const training = { view, derived: this.#derived }
    const held = heldOut && { view: heldOut, derived: this.#heldOutDerived }
    return this.#opened.diagnosis.values(this.#step, state, training, this.#lastRows, held)
  }

  /**
   * Steps a second since the last log point: sampling, logging and checkpoints included, and what evaluations beside it take of
   * the machine; waiting for an evaluation left out.
   */
  #measureSpeed(): number {
    const now = monotonicSeconds()
    const { step, since, waited } = this.#speed
    this.#speed = { step: this.#step, since: now, waited: 0 }
    return (this.#step - step) / Math.max(now - since - waited, 1e-9)
  }

  /** Computes the derived columns anew under the present state and hands them to the engine. */
  async #refresh(): Promise<void> {
    const { method, view, heldOut } = this.#parts
    if (derivedOf(method)) {
      this.#hooks.phase('computing columns')
      const state = await this.#read()
      this.#derived = await deriveColumns(method, view, state, this.#opened.evaluator)
      if (heldOut) this.#heldOutDerived = await deriveColumns(method, heldOut, state, this.#opened.evaluator)
    }
    await this.#useColumns()
  }

  #useColumns(): Promise<void> {
    const { program, session } = this.#opened
    return session.setColumns(programColumns(program, this.#parts.view, this.#derived))
  }

  /** True when a policy waits for its evaluation. */
  get #isEvaluationOpen(): boolean {
    return this.#evaluationDue || this.#pending !== null
  }

  /** Begins the evaluation of the present step once the one before it is done; if that was interrupted, this one stays due. */
  async #evaluateIfDue(repeated: boolean): Promise<void> {
    if (!this.#evaluationDue) return
    await this.#evaluationDone()
    if (this.#pending) return
    const tensors = policyTensors(this.#parts.method, await this.#read())
    this.#evaluationDue = false
    this.#begin({ step: this.#step, seconds: this.#seconds(), tensors }, repeated)
  }

  /** Lets an evaluation run beside training; its points are logged at the step of its policy. */
  #begin(policy: PendingEvaluation, repeated: boolean): void {
    const { evaluate } = this.#hooks
    this.#pending = evaluate && policy
    if (!evaluate) return
    this.#evaluating = evaluate({ ...policy, repeated })
      .then(points => {
        if (points === null || this.#closed) return
        this.#pending = null
        this.#hooks.points(policy.step, policy.seconds, points, repeated)
      })
      .catch((error: unknown) => {
        this.#evaluationError = { error }
      })
  }

  /** Waits until no evaluation runs. @throws what the evaluation threw */
  async #evaluationDone(): Promise<void> {
    if (this.#pending) {
      this.#hooks.phase('evaluating')
      const began = monotonicSeconds()
      await this.#evaluating
      this.#speed.waited += monotonicSeconds() - began
    }
    if (this.#evaluationError) throw this.#evaluationError.error
  }

  async #diverged(divergence: Divergence): Promise<TrainingOutcome> {
    await this.#evaluationDone()
    return { kind: 'diverged', divergence }
  }

  async #checkpoint(kind: CheckpointKind): Promise<void> {
    this.#hooks.phase('saving')
    await this.#logging
    const state = await this.#read()
    const pending = this.#pending
    await this.#hooks.checkpoint(
      {
        step: this.#step,
        state,
        derived: this.#derived,
        heldOutDerived: this.#heldOutDerived,
        window: this.#window.state(),
        activeSeconds: this.#seconds(),
        callSteps: this.#callSteps,
        evaluationDue: this.#evaluationDue || pending?.step === this.#step,
        pendingEvaluation: pending && pending.step < this.#step ? pending : null
      },
      kind
    )
  }

  async #leave(requested: 'pause' | 'stop'): Promise<TrainingOutcome> {
    await this.#checkpoint(requested === 'pause' ? 'pause' : 'final')
    return { kind: requested === 'pause' ? 'paused' : 'stopped' }
  }

  /** A copy of the present state. */
  async #read(): Promise<HostTensors> {
    if (this.#anchor.step !== this.#step)
      this.#anchor = { step: this.#step, state: await this.#opened.session.read() }
    return this.#anchor.state
  }

  /** Goes back to the state before the call and replays it op by op. */
  async #explain(first: number, request: RunRequest, result: RunResult, bad: number): Promise<Divergence> {
    this.#hooks.phase('finding the non-finite step')
    await this.#logging
    const { program, session, draws } = this.#opened
    const width = program.metrics.length
    const last = program.metrics.map((name, i) => [`train/${name}`, result.metrics[bad * width + i]])
    this.#hooks.points(first + bad + 1, this.#seconds(), Object.fromEntries(last) as Record<string, number>)
    await session.load(this.#anchor.state)
    for (let at = this.#anchor.step; at < first;) {
      const steps = Math.min(this.#callSteps, first - at)
      await session.run(drawRequest(draws, at, steps))
      at += steps
    }
    return explainDivergence({
      program,
      engine: this.#parts.engine.id,
      training: { view: this.#parts.view, derived: this.#derived },
      before: await session.read(),
      firstStep: first,
      request,
      bad
    })
  }

  #seconds(): number {
    return this.#secondsBefore + monotonicSeconds() - this.#startedAt
  }

  async close(): Promise<void> {
    this.#closed = true
    const { session, diagnosis, evaluator } = this.#opened
    await this.#logging.catch(() => undefined)
    await Promise.all([session.close(), diagnosis.close(), evaluator.close()])
  }
}
