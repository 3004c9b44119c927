import type { ChartLine, ChartSpec, SeamLine } from '../charts/types.ts'
import { unitOf, type ReplayAxis } from './axis.ts'
import { columnOf, returnSoFar, type Track } from './track.ts'

/** One chart of all tracks over the clock's axis. */
export interface Strip {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly spec: ChartSpec
}

/** A line of one value a step; what is not finite is marked, not drawn. */
function lineOf(track: Track, values: Float64Array, axis: ReplayAxis): ChartLine {
  const unit = unitOf(axis, track)
  const broken = [...values.keys()].filter(t => !Number.isFinite(values[t]))
  const marks = {
    x: Float64Array.from(broken, t => t * unit),
    values: Float64Array.from(broken, t => values[t] ?? NaN)
  }
  return {
    id: track.id,
    name: track.name,
    colour: track.colour,
    x: Float64Array.from(values, (_, t) => t * unit),
    y: values,
    width: values.length > 300 ? 1 : 1.5,
    ...(broken.length > 0 ? { nonFinite: marks } : {})
  }
}

interface Quantity {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly of: (track: Track) => Float64Array | null
}

const quantities: readonly Quantity[] = [
  {
    id: 'reward',
    title: 'Reward',
    description: 'Reward of each step, in the environment’s units.',
    of: track => track.rewards
  },
  {
    id: 'return',
    title: 'Return so far',
    description: 'Sum of the rewards up to this step.',
    of: track => returnSoFar(track.rewards)
  },
  {
    id: 'q',
    title: 'Q of the taken action',
    description: 'The critic’s estimate of the discounted return from here, in training reward units.',
    of: track => track.q
  },
  {
    id: 'v',
    title: 'V of the state',
    description: 'The value estimate of the state, in training reward units.',
    of: track => track.v
  },
  {
    id: 'advantage',
    title: 'Advantage of the taken action',
    description:
      'Q minus V: above zero the critic prefers this action to the average one in the data. For methods with V alone (dashed): what was really earned from here minus V.',
    of: track => track.advantages
  }
]

/** How strips are framed: their axis, the part of it that is shown, and where tracks part. */
export interface StripFrame {
  readonly axis: ReplayAxis
  readonly seams: readonly SeamLine[]
  /** In axis units; null for all of it. */
  readonly range: readonly [number, number] | null
}

function specOf(lines: readonly ChartLine[], { axis, seams, range }: StripFrame): ChartSpec {
  return { lines, seams, xName: axis.name, xRange: range ?? [0, Math.max(1, axis.length) * axis.unit] }
}

/** Strips of reward and return, and of Q, V and advantage where any of the tracks has them. */
export function valueStrips(tracks: readonly Track[], frame: StripFrame): Strip[] {
  return quantities.flatMap(({ id, title, description, of }) => {
    const lines = tracks.flatMap(track => {
      const values = of(track)
      if (!values) return []
      const line = lineOf(track, values, frame.axis)
      return [
        id === 'advantage' && track.advantageFrom === 'return' ? { ...line, dash: 'dashed' as const } : line
      ]
    })
    return lines.length > 0 ? [{ id, title, description, spec: specOf(lines, frame) }] : []
  })
}

/** One strip for each dimension of actions or observations; a track with fewer dimensions is left out of the rest. */
export function dimensionStrips(
  tracks: readonly Track[],
  kind: 'actions' | 'observations',
  names: readonly string[],
  frame: StripFrame
): Strip[] {
  const sizeOf = (track: Track): number => (kind === 'actions' ? track.actionSize : track.observationSize)
  return Array.from({ length: Math.max(0, ...tracks.map(sizeOf)) }, (_, d) => ({
    id: `${kind}/${d}`,
    title: names[d] ?? `${kind === 'actions' ? 'action' : 'observation'} ${d}`,
    description:
      kind === 'actions' ? 'Action as the environment took it.' : 'Observation as the environment gave it.',
    spec: specOf(
      tracks
        .filter(track => d < sizeOf(track))
        .map(track => lineOf(track, columnOf(track[kind], sizeOf(track), d), frame.axis)),
      frame
    )
  }))
}

/** The part of an axis, as long as `range`, that holds `at`: pages follow each other without gaps. */
export function pageAround(range: readonly [number, number], at: number): readonly [number, number] {
  const [low, high] = range
  const span = high - low
  if (span <= 0 || (at >= low && at <= high)) return range
  const from = low + Math.floor((at - low) / span) * span
  return [from, from + span]
}
