import type { Comparison, Statistic } from '../../../src-preload/contract/compare.ts'
import { UserError } from '../../base/errors.ts'
import { withSession, type CommandContext } from '../command.ts'
import { findRuns } from '../find.ts'
import { figure, table } from '../output.ts'

/** `compare NAME...`: groups of seeds side by side; the name of a dataset means all runs on it. */
export function compareCommand(context: CommandContext, words: readonly string[]): Promise<void> {
  return withSession(context, async session => {
    const runs = await findRuns(session, words, true)
    if (runs.length === 0)
      throw new UserError('not-found', 'there are no runs to compare; `stitchwork train` starts some')
    const comparison = await session.client.compare.compare({ runIds: runs.map(run => run.id) })
    context.output.result(comparison, describeComparison(comparison))
  })
}

/** One number of a statistic; `-` where nothing was counted, for NaN there says no more than that. */
function of(statistic: Statistic | null, part: keyof Omit<Statistic, 'n' | 'values'>): string {
  return statistic === null || statistic.n === 0 ? '-' : figure(statistic[part])
}

/** The final table, the references and what differs, as text. */
export function describeComparison(comparison: Comparison): string {
  const groups = table(
    ['group', 'algorithm', 'n#', 'mean return#', 'sd#', '95 % low#', 'high#', 'score#', 'best#', 'steps/s#'],
    comparison.groups.map(group => [
      group.name,
      group.algorithm,
      String(group.finalReturn.n),
      of(group.finalReturn, 'mean'),
      of(group.finalReturn, 'standardDeviation'),
      of(group.finalReturn, 'low'),
      of(group.finalReturn, 'high'),
      of(group.finalScore, 'mean'),
      of(group.bestReturn, 'mean'),
      of(group.stepsPerSecond, 'mean')
    ])
  )
  const references = comparison.references.map(reference => `${reference.label}: ${figure(reference.value)}`)
  const differing = comparison.differences.map(difference => [
    difference.title,
    ...difference.values.map(value =>
      value === undefined || value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value)
    )
  ])
  const differences =
    differing.length === 0
      ? []
      : [table(['setting', ...comparison.groups.map(group => group.name)], differing)]
  return [
    groups,
    ...(references.length > 0 ? [references.join('\n')] : []),
    ...differences,
    ...comparison.warnings.map(text => `warning: ${text}`)
  ].join('\n\n')
}
