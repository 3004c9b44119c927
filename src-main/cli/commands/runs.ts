import type { Run } from '../../../src-preload/contract/runs.ts'
import { withSession, type CommandContext } from '../command.ts'
import { findRun, findRuns } from '../find.ts'
import { duration, figure, table } from '../output.ts'

/** The table of runs that `runs`, `train` and `demo` print. */
export function runTable(runs: readonly Run[]): string {
  return table(
    ['name', 'id', 'algorithm', 'dataset', 'seed#', 'state', 'step#', 'return#', 'score#', 'time#'],
    runs.map(run => [
      run.groupName,
      run.id.slice(0, 12),
      run.algorithm,
      run.datasetName,
      String(run.seed),
      run.state,
      `${run.progress.step}/${run.progress.totalSteps}`,
      figure(run.finalReturn),
      figure(run.finalScore),
      duration(run.activeSeconds)
    ])
  )
}

/** `runs [NAME...]`: the table of runs. */
export function listRuns(context: CommandContext, words: readonly string[]): Promise<void> {
  return withSession(context, async session => {
    const runs = await findRuns(session, words)
    const reasons = runs
      .filter(run => run.reason !== null)
      .map(run => `${run.id.slice(0, 12)} ${run.state}: ${run.reason}`)
    context.output.result(
      runs,
      runs.length === 0
        ? 'no runs yet; `stitchwork train` starts some'
        : [runTable(runs), ...reasons].join('\n')
    )
  })
}

export type RunAction = 'pause' | 'resume' | 'stop' | 'remove'

/** `runs pause|resume|stop|remove NAME...`: asks the host to act on runs that it goes on to supervise. */
export function actOnRuns(
  context: CommandContext,
  action: RunAction,
  words: readonly string[],
  allowInexact: boolean
): Promise<void> {
  return withSession(context, async session => {
    const ids = (await findRuns(session, words)).map(run => run.id)
    const { runs } = session.client
    if (action === 'remove') {
      await runs.remove({ ids })
      return context.output.result({ removed: ids }, `removed ${ids.length} runs`)
    }
    const changed =
      action === 'resume' ? await runs.resume({ ids, allowInexact }) : await runs[action]({ ids })
    context.output.result(changed, runTable(changed))
  })
}

/** `runs log NAME`: what a run said. */
export function showLog(context: CommandContext, word: string): Promise<void> {
  return withSession(context, async session => {
    const run = await findRun(session, word)
    const lines = await session.client.runs.log({ id: run.id })
    context.output.result(
      lines,
      lines
        .map(
          line => `${new Date(line.at).toISOString()} ${line.level.padEnd(7)} ${line.step ?? ''} ${line.text}`
        )
        .join('\n')
    )
  })
}
