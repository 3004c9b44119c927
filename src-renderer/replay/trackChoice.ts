import type { Evaluation } from '../../src-preload/contract/evaluations.ts'
import type { Run } from '../../src-preload/contract/runs.ts'
import { decodeColumn, fromScalar } from '../../src-preload/contract/values.ts'
import { formatSteps } from '../charts/format.ts'
import type { EvaluationsOf } from './useEvaluations.ts'
import type { TrackRequest } from './useTracks.ts'

/** Which evaluation of a run: the one nearest to a step, or one by its place or mean return. */
export type StepChoice = 'first' | 'best' | 'last' | number
/** Which kept episode: a number is the same start for every run; the words go by return. */
export type EpisodeChoice = 'best' | 'median' | 'worst' | number

/** What a person asked to see; it stays true while a run goes on, unlike the episode that it means now. */
export type TrackChoice =
  | {
      readonly kind: 'run'
      readonly runId: string
      readonly step: StepChoice
      readonly episode: EpisodeChoice
    }
  | { readonly kind: 'dataset'; readonly datasetId: string; readonly episode: number }

/** The evaluation meant, among those that kept rollouts; null when there is none yet. */
export function evaluationOf(evaluations: readonly Evaluation[], choice: StepChoice): Evaluation | null {
  const kept = evaluations.filter(evaluation => evaluation.rollouts.length > 0)
  if (choice === 'first') return kept[0] ?? null
  if (choice === 'last') return kept.at(-1) ?? null
  const cost = (evaluation: Evaluation): number => {
    if (choice !== 'best') return Math.abs(evaluation.step - choice)
    const mean = fromScalar(evaluation.meanReturn)
    return Number.isFinite(mean) ? -mean : Infinity
  }
  return kept.reduce<Evaluation | null>(
    (best, evaluation) => (best === null || cost(evaluation) < cost(best) ? evaluation : best),
    null
  )
}

/** The kept episode meant: one that was not kept gives the last kept one; failed episodes count as the worst. */
export function episodeOf(evaluation: Evaluation, choice: EpisodeChoice): number {
  const kept = evaluation.rollouts
  if (typeof choice === 'number') return kept.includes(choice) ? choice : (kept.at(-1) ?? 0)
  const returns = decodeColumn(evaluation.returns)
  const worth = (episode: number): number => {
    const value = returns[episode] ?? NaN
    return Number.isFinite(value) ? value : -Infinity
  }
  const ranked = [...kept].sort((a, b) => worth(a) - worth(b) || a - b)
  const at = choice === 'worst' ? 0 : choice === 'best' ? ranked.length - 1 : (ranked.length - 1) >> 1
  return ranked[at] ?? 0
}

/** Colours of tracks: each its own as far as the palette reaches, so that two episodes of one run can be told apart. */
export function distinctColours(wanted: readonly string[], palette: readonly string[]): string[] {
  const taken = new Set<string>()
  const spare = palette.filter(colour => !wanted.includes(colour))
  return wanted.map(colour => {
    const own = taken.has(colour) ? (spare.shift() ?? colour) : colour
    taken.add(own)
    return own
  })
}

/** What a choice needs to know about the app. */
export interface ChoiceContext {
  readonly evaluations: EvaluationsOf
  readonly run: (id: string) => Run | null
  readonly datasetName: (id: string) => string | null
  readonly colourOf: (colour: number) => string
  readonly palette: readonly string[]
}

interface Resolved {
  readonly request: TrackRequest
  readonly base: string
  readonly step: number | null
}

function resolve(choice: TrackChoice, context: ChoiceContext): Resolved | null {
  if (choice.kind === 'dataset') {
    const name = context.datasetName(choice.datasetId)
    if (name === null) return null
    const colour = context.palette.at(-1) ?? '#777777'
    return { request: { ...choice, name, colour }, base: name, step: null }
  }
  const run = context.run(choice.runId)
  const evaluation = evaluationOf(context.evaluations.get(choice.runId) ?? [], choice.step)
  if (!run || !evaluation) return null
  const name = `${run.groupName} · seed ${run.seed}`
  return {
    request: {
      kind: 'run',
      runId: run.id,
      step: evaluation.step,
      episode: episodeOf(evaluation, choice.episode),
      name,
      colour: context.colourOf(run.colour)
    },
    base: name,
    step: evaluation.step
  }
}

const differ = (values: readonly unknown[]): boolean => new Set(values).size > 1

/**
 * The episodes that choices mean at present, in order. Names tell the step and the start only where they differ.
 * @returns null for a choice that has no episode (yet)
 */
export function resolveChoices(
  choices: readonly TrackChoice[],
  context: ChoiceContext
): (TrackRequest | null)[] {
  const resolved = choices.map(choice => resolve(choice, context))
  const present = resolved.filter(entry => entry !== null)
  const colours = distinctColours(
    present.map(entry => entry.request.colour),
    context.palette
  )
  const steps = differ(present.filter(entry => entry.step !== null).map(entry => entry.step))
  const episodes = differ(present.filter(entry => entry.step !== null).map(entry => entry.request.episode))
  return resolved.map(entry => {
    if (!entry) return null
    const { request, base, step } = entry
    const parts = [
      base,
      steps && step !== null ? `at ${formatSteps(step)}` : '',
      step === null ? `episode ${request.episode}` : episodes ? `start ${request.episode + 1}` : ''
    ]
    return {
      ...request,
      name: parts.filter(Boolean).join(', '),
      colour: colours[present.indexOf(entry)] ?? request.colour
    }
  })
}

/** What can be chosen for some runs: steps of evaluations that kept episodes, and the numbers of those. */
export function choosable(
  evaluations: EvaluationsOf,
  runIds: readonly string[]
): { readonly steps: readonly number[]; readonly episodes: readonly number[] } {
  const kept = runIds.flatMap(id => evaluations.get(id) ?? []).filter(entry => entry.rollouts.length > 0)
  const sorted = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b)
  return {
    steps: sorted(kept.map(evaluation => evaluation.step)),
    episodes: sorted(kept.flatMap(evaluation => evaluation.rollouts))
  }
}

/** The next start after `choice` in a list of kept episodes, round its ends. */
export function nextEpisode(choice: EpisodeChoice, by: number, episodes: readonly number[]): EpisodeChoice {
  const at = typeof choice === 'number' ? episodes.indexOf(choice) : by > 0 ? -1 : 0
  return episodes[(at + by + episodes.length) % Math.max(1, episodes.length)] ?? choice
}
