import type { DatasetDynamics } from '../../../src-preload/contract/datasets.ts'
import { fromScalar, type Scalar } from '../../../src-preload/contract/values.ts'
import { withSession, type CommandContext } from '../command.ts'
import { findDataset } from '../find.ts'
import { figure, table } from '../output.ts'

/** `datasets check DATASET`: repeats recorded steps in simulation. */
export function checkDataset(context: CommandContext, word: string): Promise<void> {
  return withSession(context, async session => {
    const dataset = await findDataset(session, word)
    const dynamics = await session.client.datasets.checkDynamics({ id: dataset.id })
    context.output.result(dynamics, describeDynamics(dynamics).join('\n\n'))
  })
}

/** What is known of a dataset's dynamics, in paragraphs. */
export function describeDynamics({ check, because }: Pick<DatasetDynamics, 'check' | 'because'>): string[] {
  const reason = because === null ? [] : [because]
  if (check === null) return reason
  const { compared, rows, skipped } = check
  const left = [
    `${skipped.clipped} with clipped velocities`,
    `${skipped.withoutNext} without a next observation`,
    `${skipped.nonFinite} not finite`
  ].join(', ')
  return [
    ...reason,
    check.sentence,
    table(
      ['variant', 'median#', '90 %#', 'maximum#', 'reward median#', 'fits'],
      check.variants.map(variant => [
        variant.environmentId,
        small(variant.median),
        small(variant.p90),
        small(variant.maximum),
        variant.rewardMedian === null ? '-' : small(variant.rewardMedian),
        variant.fits ? 'yes' : 'no'
      ])
    ),
    `${compared} of ${rows} rows compared, from ${check.source === 'states' ? 'recorded qpos and qvel' : 'observations'}; left out: ${left}`
  ]
}

const small = (value: Scalar): string => {
  const number = fromScalar(value)
  return number !== 0 && Math.abs(number) < 1e-3 ? number.toExponential(1) : figure(value)
}
