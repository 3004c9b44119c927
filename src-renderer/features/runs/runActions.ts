import type { Run, RunState } from '../../../src-preload/contract/runs.ts'
import { fromScalar } from '../../../src-preload/contract/values.ts'

export type RunAction = 'pause' | 'resume' | 'stop' | 'archive' | 'restore' | 'remove'

const may: Record<RunAction, readonly RunState[]> = {
  pause: ['queued', 'starting', 'running'],
  resume: ['paused', 'interrupted', 'stopped', 'failed', 'diverged'],
  stop: ['queued', 'starting', 'running', 'pausing', 'paused', 'interrupted'],
  archive: ['stopped', 'finished', 'failed', 'diverged', 'paused', 'interrupted'],
  restore: ['stopped', 'finished', 'failed', 'diverged', 'paused', 'interrupted'],
  remove: ['stopped', 'finished', 'failed', 'diverged', 'paused', 'interrupted']
}

/** Runs of a selection to which an action applies now. */
export const applicable = (action: RunAction, runs: readonly Run[]): readonly Run[] =>
  runs.filter(
    run =>
      may[action].includes(run.state) &&
      (action !== 'archive' || !run.archived) &&
      (action !== 'restore' || run.archived)
  )

/** Share of the gradient steps that are done, 0 to 1. */
export const shareDone = (run: Run): number =>
  run.progress.totalSteps > 0 ? Math.min(1, run.progress.step / run.progress.totalSteps) : 0

/** True while a run uses or waits for a slot. */
export const isActive = (run: Run): boolean =>
  ['queued', 'starting', 'running', 'pausing', 'stopping'].includes(run.state)

/** Places of waiting runs, 1 for the one that starts next; runs that do not wait have none. */
export function queuePlaces(runs: readonly Run[]): ReadonlyMap<string, number> {
  const waiting = runs
    .filter(run => run.state === 'queued')
    .sort((a, b) => (a.queuePosition ?? Infinity) - (b.queuePosition ?? Infinity))
  return new Map(waiting.map((run, i) => [run.id, i + 1]))
}

/** A place in the queue in words. */
export const placeText = (place: number): string => (place === 1 ? 'next' : `${place}. in queue`)

/** Gradient steps a second: the present speed of an active run, else the average over its active time; null before the first. */
export function stepsPerSecond(run: Run): number | null {
  if (isActive(run)) return fromScalar(run.progress.stepsPerSecond) || null
  return run.activeSeconds > 0 && run.progress.step > 0 ? run.progress.step / run.activeSeconds : null
}
