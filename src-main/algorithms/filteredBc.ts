/**
 * Filtered behaviour cloning ("10 % BC"): behaviour cloning of the best episodes only.
 * Reference code read: kzl/decision-transformer `gym/experiment.py` (share of time steps), CORL `any_percent_bc.py` (share of episodes).
 *
 * Differences
 * 1. Returns are undiscounted and episodes come from the data's own end flags, not from a fixed length.
 * 2. A threshold on the return is offered beside both shares.
 */
import { z } from 'zod'
import { UserError } from '../base/errors.ts'
import type { Algorithm, TrainingView } from './algorithm.ts'
import { bc, bcFields } from './bc.ts'
import { field, sharedFields } from './config.ts'
import { presetsOf } from './presets.ts'
import { rowsOfEpisodes } from './rows.ts'

const schema = z.object({
  keep: field(
    z.enum(['timesteps', 'episodes', 'return']).default('timesteps'),
    'How the best episodes are chosen: until a share of all time steps is full, a share of the episodes, or all from a return upwards.',
    {
      title: 'Keep the best',
      section: 'algorithm',
      labels: {
        timesteps: 'Share of time steps',
        episodes: 'Share of episodes',
        return: 'From a return upwards'
      }
    }
  ),
  timestepShare: field(
    z.number().positive().max(1).default(0.1),
    'Share of the time steps kept, whole episodes only and at least the best one. Larger shares train on more and worse data.',
    { title: 'Share of time steps', section: 'algorithm', when: { field: 'keep', value: 'timesteps' } }
  ),
  episodeShare: field(
    z.number().positive().max(1).default(0.1),
    'Share of the episodes kept, at least the best one. Larger shares train on more and worse data.',
    { title: 'Share of episodes', section: 'algorithm', when: { field: 'keep', value: 'episodes' } }
  ),
  minimumReturn: field(
    z.number().default(0),
    'Episodes are kept when their undiscounted return, in raw reward units, is at least this. Larger values keep fewer episodes.',
    { title: 'Return from', section: 'algorithm', unit: 'reward', when: { field: 'keep', value: 'return' } }
  ),
  ...bcFields,
  ...sharedFields
})
export type FilteredBcConfig = z.infer<typeof schema>

/**
 * Rows of the best episodes.
 * @throws UserError 'incompatible-data' when no episode reaches the return
 */
export function selectBest(config: FilteredBcConfig, view: TrainingView): Int32Array {
  return rowsOfEpisodes(view, new Set(bestEpisodes(config, view)))
}

function bestEpisodes(config: FilteredBcConfig, view: TrainingView): readonly number[] {
  const { episodes } = view
  const byReturn = episodes
    .map((_, index) => index)
    .sort((a, b) => episodes[b].rawReturn - episodes[a].rawReturn)
  if (config.keep === 'episodes') {
    return byReturn.slice(0, Math.max(1, Math.floor(config.episodeShare * episodes.length)))
  }
  if (config.keep === 'return') return episodesFrom(config.minimumReturn, view, byReturn)
  const budget = config.timestepShare * view.rowCount
  let steps = 0
  const end = byReturn.findIndex(index => (steps += episodes[index].length) > budget)
  return end < 0 ? byReturn : byReturn.slice(0, Math.max(1, end))
}

function episodesFrom(
  minimum: number,
  { episodes }: TrainingView,
  byReturn: readonly number[]
): readonly number[] {
  const chosen = byReturn.filter(index => episodes[index].rawReturn >= minimum)
  if (chosen.length > 0) return chosen
  const best = episodes[byReturn[0]]?.rawReturn
  throw new UserError(
    'incompatible-data',
    `no training episode has a return of at least ${minimum}; the best has ${best}, lower the return to keep some`,
    { minimum, best }
  )
}

/** Behaviour cloning in everything but the rows it sees. */
export const filteredBc: Algorithm<FilteredBcConfig> = {
  ...bc,
  id: 'filteredBc',
  title: 'Filtered behaviour cloning',
  shortTitle: 'Filtered BC',
  summary:
    'Imitates only the best episodes of the data. Simple and strong where good episodes exist; it cannot combine parts of them.',
  source: 'Chen et al. 2021, "Decision Transformer" (10 % BC); kzl/decision-transformer, CORL any_percent_bc',
  schema,
  presets: presetsOf<FilteredBcConfig>({
    locomotion: { normalizeObservations: true },
    maze: { normalizeObservations: true },
    teaching: { keep: 'episodes', episodeShare: 0.5 },
    control: { keep: 'episodes', episodeShare: 0.2 }
  }),
  needs: () => ['rewards', 'episodes'],
  select: selectBest
}
