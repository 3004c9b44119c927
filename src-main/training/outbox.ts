/**
 * What a trainer has said and nobody has stored yet. It goes into every checkpoint, so that a run whose main process was killed
 * goes on without a gap in its curves: points up to a checkpoint are never computed again.
 */
import { z } from 'zod'
import { fromScalar, scalar, toScalar } from '../../src-preload/contract/values.ts'
import type { EvaluationMessage, FromTrainer, MetricBlock } from './messages.ts'

/** Some 2 MB of JSON, of which a checkpoint normally holds a thousandth. Beyond this the oldest are given up. */
const mostPoints = 20_000
const mostEvaluations = 50

export const unstoredSchema = z.object({
  blocks: z.array(
    z.object({
      key: z.string(),
      steps: z.array(z.number()),
      seconds: z.array(z.number()),
      values: z.array(scalar)
    })
  ),
  evaluations: z.array(
    z.object({
      step: z.number(),
      seconds: z.number(),
      returns: z.array(scalar),
      lengths: z.array(z.number()),
      outcomes: z.array(z.string()),
      failedEpisodes: z.number(),
      score: scalar.nullable(),
      rollouts: z.array(
        z.object({ episode: z.number(), file: z.string(), return: scalar, outcome: z.string() })
      )
    })
  ),
  /** Points that were given up because there were too many. */
  lost: z.number()
})
/** As it stands in a checkpoint: non-finite numbers by name. */
export type Unstored = z.infer<typeof unstoredSchema>

type Kept = Extract<FromTrainer, { kind: 'metrics' | 'evaluation' }>

const pointsOf = (message: Kept): number =>
  message.kind === 'metrics' ? message.blocks.reduce((sum, { steps }) => sum + steps.length, 0) : 0

/** Numbers points and evaluations as they leave, and keeps them until they are stored. */
export class Outbox {
  #kept: (Kept & { readonly sequence: number })[] = []
  #points = 0
  #sequence = 0
  #lost = 0

  /** The message as it has to be sent. */
  take(message: FromTrainer): FromTrainer {
    if (message.kind !== 'metrics' && message.kind !== 'evaluation') return message
    const numbered = { ...message, sequence: ++this.#sequence }
    this.#kept.push(numbered)
    this.#points += pointsOf(message)
    while (this.#points > mostPoints) this.#giveUp()
    return numbered
  }

  /** Everything up to this message is in the store. */
  stored(sequence: number): void {
    this.#kept = this.#kept.filter(message => message.sequence > sequence)
    this.#points = this.#kept.reduce((sum, message) => sum + pointsOf(message), 0)
    this.#lost = 0
  }

  #giveUp(): void {
    const [oldest] = this.#kept.splice(
      this.#kept.findIndex(({ kind }) => kind === 'metrics'),
      1
    )
    this.#points -= pointsOf(oldest)
    this.#lost += pointsOf(oldest)
  }

  /** What is not stored yet, for a checkpoint; undefined when there is nothing. */
  unstored(): Unstored | undefined {
    if (this.#kept.length === 0) return undefined
    const curves = new Map<string, Unstored['blocks'][number]>()
    const evaluations: Unstored['evaluations'] = []
    for (const message of this.#kept) {
      if (message.kind === 'evaluation') evaluations.push(evaluationAsJson(message.evaluation))
      else for (const block of message.blocks) append(curves, block)
    }
    return {
      blocks: [...curves.values()],
      evaluations: evaluations.slice(-mostEvaluations),
      lost: this.#lost
    }
  }
}

function append(curves: Map<string, Unstored['blocks'][number]>, block: MetricBlock): void {
  const curve = curves.get(block.key) ?? { key: block.key, steps: [], seconds: [], values: [] }
  curves.set(block.key, curve)
  curve.steps.push(...block.steps)
  curve.seconds.push(...block.seconds)
  for (const value of block.values) curve.values.push(toScalar(value))
}

const evaluationAsJson = (evaluation: EvaluationMessage): Unstored['evaluations'][number] => ({
  ...evaluation,
  returns: Array.from(evaluation.returns, toScalar),
  lengths: [...evaluation.lengths],
  outcomes: [...evaluation.outcomes],
  score: evaluation.score === null ? null : toScalar(evaluation.score),
  rollouts: evaluation.rollouts.map(rollout => ({ ...rollout, return: toScalar(rollout.return) }))
})

/** The messages that a resumed trainer sends first. */
export function messagesOf({ blocks, evaluations, lost }: Unstored): FromTrainer[] {
  const metrics = blocks.map(block => ({ ...block, values: Float64Array.from(block.values, fromScalar) }))
  return [
    ...(metrics.length > 0 ? [{ kind: 'metrics' as const, blocks: metrics, repeated: true }] : []),
    ...evaluations.map(evaluation => ({
      kind: 'evaluation' as const,
      repeated: true,
      evaluation: {
        ...evaluation,
        returns: Float64Array.from(evaluation.returns, fromScalar),
        lengths: Int32Array.from(evaluation.lengths),
        score: evaluation.score === null ? null : fromScalar(evaluation.score),
        rollouts: evaluation.rollouts.map(rollout => ({ ...rollout, return: fromScalar(rollout.return) }))
      }
    })),
    ...(lost > 0
      ? [
          {
            kind: 'log' as const,
            level: 'warning' as const,
            step: null,
            text: `${lost} points could not be stored in time and are missing in the curves before this step.`
          }
        ]
      : [])
  ]
}
