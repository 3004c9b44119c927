import type { Run, RunState } from '../../../src-preload/contract/runs.ts'

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
