import type { BehaviourInfo, Learner, Tier } from '../../../src-preload/contract/collect.ts'
import type { ScoreReference } from '../../../src-preload/contract/datasets.ts'
import { fromScalar } from '../../../src-preload/contract/values.ts'
import { formatDuration, formatNumber } from '../../charts/format.ts'
import type { ChartLine, ChartSpec } from '../../charts/types.ts'

/** What the form of a training asks for. */
export interface TrainRequest {
  readonly environmentId: string
  readonly learner: Learner
  readonly steps: number
  readonly seed: number
}

/** What a tier is made of, in one sentence. */
export const tierText: Readonly<Record<Tier, string>> = {
  random: 'Uniform random actions.',
  medium:
    'The first checkpoint that is a third of the way from the worst to the best, with normal noise on its actions.',
  'medium-replay':
    'All that was lived through until the medium checkpoint, exploration included; of PPO and ARS at most the first 500,000 steps.',
  expert:
    'The best checkpoint with normal noise on its actions; called expert only where these data score 90 or more.',
  'medium-expert': 'Half medium, half expert.',
  'mixed-1': '1 % of the best checkpoint, the rest of random actions.',
  'mixed-5': '5 % of the best checkpoint, the rest of random actions.',
  'mixed-20': '20 % of the best checkpoint, the rest of random actions.'
}

interface Looks {
  readonly colour: string
  readonly reference: ScoreReference | null
}

/** Return of the mean actions by environment steps, with a band of one standard deviation; values that are not finite are marked. */
function checkpointLine({ id, checkpoints }: BehaviourInfo, colour: string): ChartLine {
  const rows = checkpoints.map(({ steps: x, meanReturn, standardDeviation }) => ({
    x,
    y: fromScalar(meanReturn),
    deviation: fromScalar(standardDeviation)
  }))
  const finite = rows.filter(({ y }) => Number.isFinite(y))
  const other = rows.filter(({ y }) => !Number.isFinite(y))
  const edge = (sign: number): Float64Array =>
    Float64Array.from(finite, ({ y, deviation }) => y + sign * (Number.isFinite(deviation) ? deviation : 0))
  return {
    id,
    name: 'without noise, at checkpoints',
    colour,
    x: Float64Array.from(finite, ({ x }) => x),
    y: Float64Array.from(finite, ({ y }) => y),
    band: { low: edge(-1), high: edge(1) },
    nonFinite: {
      x: Float64Array.from(other, ({ x }) => x),
      values: Float64Array.from(other, ({ y }) => y)
    }
  }
}

/** The curve of a training: its checkpoints, the episodes it learns from while it is watched, and the return that is scored 90. */
export function learningSpec(behaviour: BehaviourInfo, { colour, reference }: Looks): ChartSpec {
  const finite = behaviour.watched
    .map(([x, value]) => ({ x, y: fromScalar(value) }))
    .filter(({ y }) => Number.isFinite(y))
  const watched: ChartLine = {
    ...{ id: `${behaviour.id}/live`, name: 'while learning, last 20 episodes', colour, opacity: 0.6 },
    dash: 'dashed',
    x: Float64Array.from(finite, ({ x }) => x),
    y: Float64Array.from(finite, ({ y }) => y)
  }
  const score90 =
    reference === null
      ? []
      : [{ label: 'score 90', value: reference.low + 0.9 * (reference.high - reference.low) }]
  return {
    lines: [checkpointLine(behaviour, colour), ...(finite.length > 0 ? [watched] : [])],
    references: score90,
    xName: 'Environment step',
    xRange: [0, Math.max(behaviour.steps, behaviour.checkpoints.at(-1)?.steps ?? 0)]
  }
}

const count = (value: number): string => value.toLocaleString('en-US')

/** What state a behaviour is in, in words: `training, 40,960 of 600,000 steps`. */
export function stateText({ state, lived, steps }: BehaviourInfo): string {
  const far = lived < steps ? `${count(lived)} of ${count(steps)}` : count(lived)
  return state === 'training' ? `training, ${far} steps` : `${state} after ${far} steps`
}

/** How a training goes: speed, time left, and the return of the episodes that it learns from. */
export function progressText({ progress }: BehaviourInfo): string {
  if (progress === null) return 'starting'
  const { stepsPerSecond, secondsLeft, recentReturn } = progress
  return [
    `${count(Math.round(fromScalar(stepsPerSecond)))} steps/s`,
    `${formatDuration(fromScalar(secondsLeft))} left`,
    ...(recentReturn === null ? [] : [`return while learning ${formatNumber(fromScalar(recentReturn))}`])
  ].join(' · ')
}

/** How many checkpoints there are, and the best of them. */
export function bestText({ checkpoints }: BehaviourInfo): string {
  const measured = checkpoints.filter(({ meanReturn }) => Number.isFinite(fromScalar(meanReturn)))
  const [top] = measured.sort((a, b) => fromScalar(b.meanReturn) - fromScalar(a.meanReturn))
  if (!top) return checkpoints.length === 0 ? 'no checkpoint yet' : 'no checkpoint with a finite return'
  const score = top.score === null ? '' : `, normalised ${fromScalar(top.score).toFixed(1)}`
  const { length } = checkpoints
  return `${length} ${length === 1 ? 'checkpoint' : 'checkpoints'}, best return ${formatNumber(fromScalar(top.meanReturn))}${score}, at step ${count(top.steps)}`
}

/** Which engine trained it from which step on, where another than the first went on with it; null where it was one, or nobody told. */
export function stretchText({ stretches }: BehaviourInfo): string | null {
  if (stretches.length < 2) return null
  const named = stretches.map(({ from, engine }) => {
    const by =
      engine === null ? 'without an engine' : `by ${engine.id} ${engine.version}, threads: ${engine.threads}`
    return from === 0 ? by : `from step ${count(from)} on ${by}`
  })
  return `Trained ${named.join('; ')}. Another engine may round otherwise: it is not, bit for bit, what one training without an end between would be.`
}

/** A number from 0 to 1 from what was typed, or null. */
export function share(text: string): number | null {
  const plain = text.trim()
  return /^(0?\.\d+|[01](\.\d*)?)$/.test(plain) && Number(plain) <= 1 ? Number(plain) : null
}

/** A whole number in a range from what was typed, or null. */
export function wholeNumber(text: string, low: number, high: number): number | null {
  const plain = text.replace(/[,\s_]/g, '')
  if (!/^\d+$/.test(plain)) return null
  const value = Number(plain)
  return value >= low && value <= high ? value : null
}
