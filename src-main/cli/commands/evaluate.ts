import { withSession, type CommandContext } from '../command.ts'
import { findRuns } from '../find.ts'
import { figure, table } from '../output.ts'

/** `evaluate NAME...`: the evaluations of runs, newest last; `--last` keeps the newest of each. */
export function evaluateCommand(
  context: CommandContext,
  words: readonly string[],
  last: boolean
): Promise<void> {
  return withSession(context, async session => {
    const runs = await findRuns(session, words)
    const all = []
    for (const run of runs) {
      const evaluations = await session.client.evaluations.list({ runId: run.id })
      const kept = last ? evaluations.slice(-1) : evaluations
      for (const evaluation of kept) all.push({ run, evaluation })
    }
    const rows = all.map(({ run, evaluation }) => [
      run.groupName,
      run.id.slice(0, 12),
      String(run.seed),
      String(evaluation.step),
      String(evaluation.outcomes.length),
      figure(evaluation.meanReturn),
      figure(evaluation.standardDeviation),
      figure(evaluation.meanLength),
      figure(evaluation.score)
    ])
    const header = ['name', 'run', 'seed#', 'step#', 'episodes#', 'mean return#', 'sd#', 'length#', 'score#']
    context.output.result(
      all.map(entry => entry.evaluation),
      rows.length === 0 ? 'these runs have no evaluations yet' : table(header, rows)
    )
  })
}
