import type { ChartLine, ChartSpec } from '../charts/types.ts'
import { columnOf, returnSoFar, type Track } from './track.ts'

export interface Strip {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly spec: ChartSpec
}

const steps = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => i)

const line = (track: Track, y: Float64Array): ChartLine => ({
  id: track.id,
  name: track.name,
  colour: track.colour,
  x: steps(y.length),
  y
})

function strip(
  id: string,
  title: string,
  description: string,
  lines: readonly ChartLine[],
  length: number
): Strip {
  return { id, title, description, spec: { lines, xName: 'step', xRange: [0, Math.max(1, length)] } }
}

/** Time strips of tracks under one clock: return so far, reward, Q, V and advantage where the method has them. */
export function valueStrips(tracks: readonly Track[], length: number): Strip[] {
  const withQ = tracks.filter(track => track.q)
  const withV = tracks.filter(track => track.v)
  const withBoth = tracks.filter(track => track.q && track.v)
  const strips = [
    strip(
      'return',
      'Return so far',
      'Sum of the rewards up to this step.',
      tracks.map(track => line(track, returnSoFar(track.rewards))),
      length
    ),
    strip(
      'reward',
      'Reward',
      'Reward of each step, in the environment’s units.',
      tracks.map(track => line(track, track.rewards)),
      length
    )
  ]
  if (withQ.length)
    strips.push(
      strip(
        'q',
        'Q of the taken action',
        'The critic’s estimate of the discounted return from here, in training reward units.',
        withQ.map(track => line(track, track.q ?? new Float64Array())),
        length
      )
    )
  if (withV.length)
    strips.push(
      strip(
        'v',
        'V of the state',
        'The value estimate of the state, in training reward units.',
        withV.map(track => line(track, track.v ?? new Float64Array())),
        length
      )
    )
  if (withBoth.length) {
    strips.push(
      strip(
        'advantage',
        'Advantage of the taken action',
        'Q minus V: above zero the critic prefers this action to the average one in the data.',
        withBoth.map(track =>
          line(
            track,
            (track.q ?? new Float64Array()).map((q, t) => q - (track.v?.[t] ?? NaN))
          )
        ),
        length
      )
    )
  }
  return strips
}

/** One strip for each dimension of actions or observations. */
export function dimensionStrips(
  tracks: readonly Track[],
  kind: 'actions' | 'observations',
  names: readonly string[],
  length: number
): Strip[] {
  const size = kind === 'actions' ? tracks[0]?.actionSize : tracks[0]?.observationSize
  return Array.from({ length: size ?? 0 }, (_, d) =>
    strip(
      `${kind}/${d}`,
      names[d] ?? `${kind === 'actions' ? 'action' : 'observation'} ${d}`,
      kind === 'actions' ? 'Action as the environment took it.' : 'Observation as the environment gave it.',
      tracks.map(track =>
        line(
          track,
          columnOf(
            kind === 'actions' ? track.actions : track.observations,
            kind === 'actions' ? track.actionSize : track.observationSize,
            d
          )
        )
      ),
      length
    )
  )
}
