import type { Algorithm } from './algorithm.ts'
import type { SharedConfig } from './config.ts'

/** What the benchmark domains share: a million steps as published; mazes need many episodes because most return 0 or 1. */
const benchmark = { gradientSteps: 1_000_000 }
const maze = { ...benchmark, evalEpisodes: 100 }

/**
 * What the teaching environments share: networks and steps that a laptop trains in seconds. Nothing is held out, because their few
 * demonstrations are balanced: leaving a tenth of them out already moves where imitation ends.
 */
const teaching = {
  hiddenSizes: [64, 64],
  gradientSteps: 8_000,
  actorLearningRate: 1e-3,
  heldOutShare: 0,
  evalEpisodes: 100
}

/** What classic control shares: dense rewards of any size, so they are brought to standard deviation 1 where they are used. */
const control = {
  hiddenSizes: [64, 64],
  gradientSteps: 20_000,
  actorLearningRate: 1e-3,
  normalizeObservations: true,
  evalEpisodes: 50
}

/**
 * The presets of an algorithm, one per domain.
 * @param own what it adds to each domain's common settings
 */
export function presetsOf<C extends SharedConfig>(own: {
  readonly locomotion: Partial<C>
  readonly maze: Partial<C>
  readonly teaching: Partial<C>
  readonly control: Partial<C>
}): Algorithm<C>['presets'] {
  return [
    {
      id: 'locomotion',
      title: 'Locomotion',
      domain: 'locomotion',
      config: { ...benchmark, ...own.locomotion }
    },
    { id: 'maze', title: 'Maze', domain: 'maze', config: { ...maze, ...own.maze } },
    {
      id: 'teaching',
      title: 'Teaching environments',
      domain: 'teaching',
      config: { ...teaching, ...own.teaching }
    },
    {
      id: 'control',
      title: 'Classic control',
      domain: 'classic control',
      config: { ...control, ...own.control }
    }
  ]
}
