import type { RunState } from '../../src-preload/contract/runs.ts'

export interface StateLook {
  readonly word: string
  readonly icon: string
  readonly colour: 'neutral' | 'primary' | 'success' | 'warning' | 'error' | 'info'
}

/** Icon, word and colour of each state; never the colour alone. */
export const runStates: Readonly<Record<RunState, StateLook>> = {
  queued: { word: 'Queued', icon: 'i-lucide-clock', colour: 'neutral' },
  starting: { word: 'Starting', icon: 'i-lucide-loader', colour: 'info' },
  running: { word: 'Running', icon: 'i-lucide-play', colour: 'primary' },
  pausing: { word: 'Pausing', icon: 'i-lucide-loader', colour: 'warning' },
  paused: { word: 'Paused', icon: 'i-lucide-pause', colour: 'warning' },
  stopping: { word: 'Stopping', icon: 'i-lucide-loader', colour: 'neutral' },
  stopped: { word: 'Stopped', icon: 'i-lucide-square', colour: 'neutral' },
  finished: { word: 'Finished', icon: 'i-lucide-check', colour: 'success' },
  failed: { word: 'Failed', icon: 'i-lucide-circle-x', colour: 'error' },
  diverged: { word: 'Diverged', icon: 'i-lucide-triangle-alert', colour: 'error' },
  interrupted: { word: 'Interrupted', icon: 'i-lucide-zap-off', colour: 'warning' }
}
