import { mkdirSync } from 'node:fs'
import type { EngineInfo } from '../../src-preload/contract/app.ts'
import type { Plan, Run } from '../../src-preload/contract/runs.ts'
import { now } from '../base/clock.ts'
import { UserError } from '../base/errors.ts'
import { writeFileAtomicSync } from '../base/files.ts'
import type { ChildHandle } from '../base/processHost.ts'
import { join } from 'node:path'
import { datasetFolder, runFolder } from '../store/home.ts'
import { findExperiment, insertExperiment } from '../store/experiments.ts'
import { MetricWriter } from '../store/metricWriter.ts'
import {
  activeStates,
  engineWanted,
  findRun,
  getRuns,
  insertRuns,
  nextQueueOrder,
  queuedRunIds,
  updateRun
} from '../store/runs.ts'
import { readSettings, saveSetting } from '../store/settings.ts'
import { transaction } from '../store/sql.ts'
import { estimatePlan } from './estimate.ts'
import { exportRun } from './export.ts'
import { evaluateRun } from './freshEvaluation.ts'
import type { TrainingJob } from './messages.ts'
import { expandPlan, newId } from './plan.ts'
import { environmentFor } from '../compute/onnx/cudaLibraries.ts'
import { processEnvironment } from '../engines/measure.ts'
import { EnginesOfRuns } from './enginesOfRuns.ts'
import { groupChannels } from './groupChannels.ts'
import { computesOnGpu, type Unit, unitsOf, type Wanted } from './grouping.ts'
import { threadsFor } from './queue.ts'
import { pinnedEngine } from './pinned.ts'
import { simulatorsFor } from './simulators.ts'
import { SupervisedRun } from './supervisedRun.ts'
import type {
  EvaluationRequest,
  ExportRequest,
  RunSupervisor,
  SupervisorDependencies
} from './supervisorInterface.ts'

const watchdogMs = 1000
const resumable: readonly Run['state'][] = ['paused', 'stopped', 'failed', 'interrupted', 'diverged']

/** Starts the run queue over an open store; runs that are queued already begin at once. */
export function createSupervisor(dependencies: SupervisorDependencies): RunSupervisor {
  return new Supervisor(dependencies)
}

class Supervisor implements RunSupervisor {
  readonly #dependencies: SupervisorDependencies
  readonly #writer: MetricWriter
  readonly #trainers = new Map<string, SupervisedRun>()
  /** The process of each run that trains; runs of one graph share one. */
  readonly #processOf = new Map<string, ChildHandle>()
  /** What is known of the engines; null until they were asked for the first time. */
  #infos: readonly EngineInfo[] | null = null
  #learning: Promise<void> | null = null
  readonly #engines: EnginesOfRuns
  readonly #watchdog: NodeJS.Timeout
  /** Ends evaluations that were asked for. */
  readonly #questions = new AbortController()
  /** Aborted when all trainers are gone and the store may be closed. */
  readonly #done = new AbortController()
  #slots: number
  #closing = false

  constructor(dependencies: SupervisorDependencies) {
    this.#dependencies = dependencies
    const { changes, log } = dependencies
    this.#writer = new MetricWriter(dependencies.db, {
      onCommitted: runIds => {
        runIds.forEach(id => changes.pointsAppended(id))
        this.#trainers.forEach(trainer => trainer.committed())
      },
      onError: error => log.error('metric points could not be stored and wait', error)
    })
    this.#engines = new EnginesOfRuns(dependencies, () => this.#fillSlots())
    const stored = Number(readSettings(dependencies.db).slots)
    this.#slots = Number.isInteger(stored) && stored > 0 ? stored : 1
    this.#watchdog = setInterval(() => this.#trainers.forEach(trainer => trainer.checkAlive()), watchdogMs)
    this.#watchdog.unref()
    this.#fillSlots()
  }

  async estimate(plan: Plan) {
    return estimatePlan(this.#dependencies, plan, this.#slots, await this.#askEngines())
  }

  async create(plan: Plan) {
    const { db, changes } = this.#dependencies
    const { runs, problems } = expandPlan(db, plan, await this.#askEngines())
    if (problems.length > 0) {
      const text = problems.map(problem => problem.text).join('; ')
      throw new UserError(problems[0].code, text, {
        problems: problems.map(({ code: _, ...shown }) => shown)
      })
    }
    const experimentId = newId('exp')
    const name = plan.name.trim() || new Date(now()).toISOString().slice(0, 16).replace('T', ' ')
    transaction(db, () => {
      insertExperiment(db, { id: experimentId, name, createdAt: now(), plan })
      insertRuns(
        db,
        runs.map(run => ({ ...run, experimentId }))
      )
    })
    const runIds = runs.map(({ id }) => id)
    changes.runsChanged(runIds)
    this.#fillSlots()
    return { experimentId, runIds }
  }

  async pause(ids: readonly string[]) {
    this.#request(ids, 'pause', 'paused')
  }

  async stop(ids: readonly string[]) {
    this.#request(ids, 'stop', 'stopped')
  }

  #request(ids: readonly string[], kind: 'pause' | 'stop', idleState: 'paused' | 'stopped'): void {
    const { db, changes } = this.#dependencies
    const runs = getRuns(db, ids)
    for (const { id } of runs) this.#trainers.get(id)?.request(kind)
    const waits = ({ id, state }: Run): boolean =>
      !this.#trainers.has(id) && (state === 'queued' || (kind === 'stop' && state === 'paused'))
    transaction(db, () => {
      for (const { id } of runs.filter(waits)) updateRun(db, id, { state: idleState, queueOrder: null })
    })
    changes.runsChanged(ids)
    this.#fillSlots()
  }

  async resume(ids: readonly string[], allowInexact: boolean) {
    const { db, changes } = this.#dependencies
    const runs = getRuns(db, ids)
    for (const { name, state } of runs.filter(run => !resumable.includes(run.state))) {
      throw new UserError('conflict', `the run "${name}" is ${state}, so there is nothing to resume`)
    }
    const engines = await this.#askEngines()
    const pins = runs.map(run => pinnedEngine(run, engines, allowInexact))
    transaction(db, () =>
      runs.forEach(({ id, bitExact }, i) =>
        updateRun(db, id, {
          ...{ state: 'queued', queueOrder: nextQueueOrder(db), reason: null, endedAt: null },
          bitExact: bitExact && pins[i].exact,
          // The pin goes with the agreement to another engine, in the store, where a restart of this process finds it.
          ...replacing(pins[i])
        })
      )
    )
    changes.runsChanged(ids)
    this.#fillSlots()
  }

  isActive(id: string): boolean {
    const state = findRun(this.#dependencies.db, id)?.state
    return (
      this.#trainers.has(id) || state === 'queued' || (state !== undefined && activeStates.includes(state))
    )
  }

  slots(set: number | null) {
    if (set !== null && set !== this.#slots) {
      this.#slots = set
      saveSetting(this.#dependencies.db, 'slots', set)
      this.#fillSlots()
    }
    return { slots: this.#slots, cores: this.#dependencies.cores }
  }

  export(request: ExportRequest) {
    return exportRun(this.#dependencies, request)
  }

  evaluate(request: EvaluationRequest, signal: AbortSignal) {
    return evaluateRun(this.#dependencies, request, AbortSignal.any([signal, this.#questions.signal]))
  }

  async close(graceMs: number) {
    this.#closing = true
    this.#engines.close()
    this.#questions.abort()
    clearInterval(this.#watchdog)
    const trainers = [...this.#trainers.values()]
    for (const trainer of trainers) trainer.request('pause')
    const kill = setTimeout(() => trainers.forEach(trainer => trainer.kill()), graceMs)
    await Promise.all(trainers.map(trainer => trainer.gone))
    clearTimeout(kill)
    this.#done.abort()
    this.#writer.close()
  }

  /** Starts queued runs while there is a free slot; runs of one graph share one. */
  #fillSlots(): void {
    if (this.#closing) return
    const queued = getRuns(this.#dependencies.db, queuedRunIds(this.#dependencies.db))
    if (queued.length === 0) return
    if (this.#infos === null) return this.#learnEngines()
    const units = this.#units(queued, this.#infos)
    const running = new Set(this.#processOf.values()).size
    const load = running + units.length
    for (const unit of units.slice(0, Math.max(0, this.#slots - running))) {
      const { first: run } = unit
      // Runs behind one whose engine is being chosen wait too: the measurement has the machine to itself where it can.
      if (!this.#engines.isChosen(run, this.#threadsOf(run, load))) break
      this.#start(unit, load)
    }
  }

  /** The queue in the parts in which it will be started. */
  #units(queued: readonly Run[], infos: readonly EngineInfo[]): Unit[] {
    const { db } = this.#dependencies
    const plans = new Map<string, Plan | undefined>()
    for (const { experimentId: id } of queued)
      if (!plans.has(id)) plans.set(id, findExperiment(db, id)?.plan as Plan | undefined)
    const wantedOf = (run: Run): Wanted => {
      const asked = plans.get(run.experimentId)?.seedsInOneGraph
      return { ...engineWanted(db, run.id), seedsInOneGraph: asked ?? 'auto' }
    }
    const engineOf = (run: Run): string =>
      run.engine?.id ?? this.#engines.chosenFor(run.id) ?? engineWanted(db, run.id).engine
    return unitsOf(queued, wantedOf, run => computesOnGpu(infos, engineOf(run)))
  }

  async #askEngines(): Promise<readonly EngineInfo[]> {
    return (this.#infos = await this.#dependencies.engines())
  }

  /** Runs that were queued when this process started wait for what they will compute on. */
  #learnEngines(): void {
    this.#learning ??= this.#askEngines()
      .catch((error: unknown) => {
        this.#dependencies.log.error('the engines could not be described', error)
        this.#infos = []
      })
      .then(() => this.#fillSlots())
  }

  #start({ first, runs, stacked }: Unit, load: number): void {
    const { db, changes, log } = this.#dependencies
    const ids = runs.map(({ id }) => id)
    try {
      const engine = this.#engines.take(first.id)
      const jobs = runs.map(run => this.#jobOf(run, load, engine, stacked ? runs.length : undefined))
      for (const run of runs) {
        const startedAt = run.startedAt ?? now()
        updateRun(db, run.id, { state: 'starting', queueOrder: null, startedAt, endedAt: null })
      }
      const { threads, precision, engine: id } = jobs[0]
      const environment = { ...processEnvironment(threads, precision), ...environmentFor(id) }
      const child = this.#dependencies.processes.start('trainer', { environment })
      const channels = stacked ? groupChannels(child, ids) : null
      for (const job of jobs) this.#watch(channels?.get(job.runId) ?? child, child, job)
    } catch (error) {
      log.error(`run ${ids.join(', ')} could not be started`, error)
      const reason = `The trainer could not be started: ${error instanceof Error ? error.message : String(error)}`
      for (const id of ids) updateRun(db, id, { state: 'failed', reason, queueOrder: null, endedAt: now() })
    }
    changes.runsChanged(ids)
  }

  #watch(channel: ChildHandle, process: ChildHandle, job: TrainingJob): void {
    const onGone = (id: string): void => {
      this.#trainers.delete(id)
      this.#processOf.delete(id)
      this.#fillSlots()
    }
    const closing = this.#done.signal
    const watch = { dependencies: this.#dependencies, writer: this.#writer, onGone, closing }
    this.#processOf.set(job.runId, process)
    this.#trainers.set(job.runId, new SupervisedRun(channel, job, watch))
  }

  /** Threads of a run that starts now; those that it began with when it goes on. */
  #threadsOf(run: Run, load: number): number {
    const { db, cores } = this.#dependencies
    const { threads } = engineWanted(db, run.id)
    return run.engine?.threads ?? (threads > 0 ? threads : threadsFor(cores, this.#slots, load))
  }

  /** The job as the trainer gets it, also written beside the run so that it can be repeated from its folder. */
  #jobOf(run: Run, load: number, chosen: string | undefined, lanes: number | undefined): TrainingJob {
    const { db, home, cores } = this.#dependencies
    const folder = runFolder(home, run.id)
    const { algorithm, config, seed, environmentId } = run
    const job: TrainingJob = {
      ...{ runId: run.id, folder, datasetFolder: datasetFolder(home, run.datasetId) },
      ...{ algorithm, config, seed, environmentId },
      engine: run.engine?.id ?? chosen ?? engineWanted(db, run.id).engine,
      threads: this.#threadsOf(run, load),
      precision: run.engine?.precision ?? run.precision,
      simulators: simulatorsFor(db, cores, Math.min(this.#slots, load)),
      resume: run.startedAt !== null,
      ...(lanes === undefined ? {} : { lanes })
    }
    mkdirSync(folder, { recursive: true })
    writeFileAtomicSync(join(folder, 'job.json'), JSON.stringify(job, null, 2) + '\n')
    return job
  }
}

const replacing = (pin: ReturnType<typeof pinnedEngine>) =>
  pin.exact ? {} : { engine: null, engineWanted: pin.engine, precision: pin.precision }
