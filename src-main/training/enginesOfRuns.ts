import type { Run } from '../../src-preload/contract/runs.ts'
import { now } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { getDataset } from '../store/datasets.ts'
import { appendLog } from '../store/log.ts'
import { engineWanted, findRun, updateRun } from '../store/runs.ts'
import { sizeOfRun } from './runSize.ts'
import type { SupervisorDependencies } from './supervisorInterface.ts'

/**
 * Engines of queued runs that leave the choice to us (`auto`). A run waits in the queue while its engine is chosen, so pausing
 * and stopping it are as quick as for any queued run; what was chosen for it is then forgotten.
 */
export class EnginesOfRuns {
  readonly #dependencies: SupervisorDependencies
  readonly #whenChosen: () => void
  /** By run; null while it is being chosen. */
  readonly #chosen = new Map<string, string | null>()
  #closed = false

  /** @param whenChosen called when a run that had to wait need not any more */
  constructor(dependencies: SupervisorDependencies, whenChosen: () => void) {
    this.#dependencies = dependencies
    this.#whenChosen = whenChosen
  }

  /** True when a run can start; else its engine is being chosen. */
  isChosen(run: Run, threads: number): boolean {
    const { chooser, db } = this.#dependencies
    if (chooser === undefined || run.engine !== null) return true
    if (engineWanted(db, run.id).engine !== 'auto') return true
    const chosen = this.#chosen.get(run.id)
    if (chosen !== undefined) return chosen !== null
    this.#chosen.set(run.id, null)
    void this.#choose(run, threads)
    return false
  }

  /** The engine chosen for a run so far. */
  chosenFor(runId: string): string | undefined {
    return this.#chosen.get(runId) ?? undefined
  }

  /** The engine chosen for a run that starts now; undefined where none had to be chosen. */
  take(runId: string): string | undefined {
    const chosen = this.#chosen.get(runId)
    this.#chosen.delete(runId)
    return chosen ?? undefined
  }

  /** Nothing is stored from now on. */
  close(): void {
    this.#closed = true
  }

  async #choose(run: Run, threads: number): Promise<void> {
    const { chooser, db, changes, log } = this.#dependencies
    try {
      this.#phase(run.id, 'choosing the engine')
      const size = sizeOfRun(run, getDataset(db, run.datasetId), threads)
      const { engine, why } = await chooser!.choose(size, run.precision)
      if (!this.#waits(run.id)) return
      this.#chosen.set(run.id, engine)
      this.#phase(run.id, 'queued')
      appendLog(db, run.id, { level: 'info', step: null, text: `Engine ${engine}: ${why}.` })
      changes.logAppended(run.id)
    } catch (error) {
      if (!this.#waits(run.id)) return
      log.error(`no engine was chosen for run ${run.id}`, error)
      const reason = `No engine could be chosen: ${messageOf(error)}`
      updateRun(db, run.id, { state: 'failed', reason, queueOrder: null, endedAt: now() })
      changes.runsChanged([run.id])
    } finally {
      if (this.#chosen.get(run.id) === null) this.#chosen.delete(run.id)
      this.#whenChosen()
    }
  }

  /** False once it was paused, stopped or removed meanwhile, or the store is closed. */
  #waits(runId: string): boolean {
    return !this.#closed && findRun(this.#dependencies.db, runId)?.state === 'queued'
  }

  #phase(runId: string, phase: string): void {
    const { db, changes } = this.#dependencies
    const run = findRun(db, runId)
    if (run === undefined) return
    updateRun(db, runId, { progress: { ...run.progress, phase } })
    changes.runsChanged([runId])
  }
}
