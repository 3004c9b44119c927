import { executionTexts } from '../../../src-preload/contract/execution.ts'
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
    const runs = await findRuns(session, words, true)
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

const graphOf = (lanes: number | undefined): string =>
  lanes === undefined
    ? 'its own'
    : lanes === 1
      ? 'as in a group, by itself'
      : `one with ${lanes - 1} other runs`

/** Nothing for engines that have one way of running, and where no step has run yet. */
const stepsRun = (engine: Run['engine']): (readonly [string, string])[] => {
  const execution = engine?.execution
  return execution ? [['steps run', `${executionTexts[execution.mode]}: ${execution.reason}`]] : []
}

/** `runs show NAME`: everything that decided a run's results and speed. */
export function showRun(context: CommandContext, word: string): Promise<void> {
  return withSession(context, async session => {
    const run = await findRun(session, word)
    context.output.result(run, table(['what', 'value'], runFacts(run)))
  })
}

/** What is told of a run, line by line. */
export function runFacts(run: Run): readonly (readonly [string, string])[] {
  const { engine, progress } = run
  return [
    ['name', run.name],
    ['id', run.id],
    ['experiment', run.experimentName],
    ['state', run.reason === null ? run.state : `${run.state}: ${run.reason}`],
    ['dataset', run.datasetName],
    ['environment', run.environmentId ?? 'none'],
    ['algorithm', `${run.algorithm}, seed ${run.seed}`],
    ['step', `${progress.step} of ${progress.totalSteps}`],
    ['engine', engine === null ? 'chosen when it starts' : `${engine.id} ${engine.version}`],
    ['device', engine === null ? '' : `${engine.device}, ${engine.threads} threads`],
    ...stepsRun(engine),
    ['precision', engine?.precision ?? run.precision],
    ['graph', graphOf(engine?.lanes)],
    ['repeatable', run.bitExact ? 'bit for bit with this engine' : 'not bit-exact: resumed with another'],
    ['return', `${figure(run.finalReturn)}, score ${figure(run.finalScore)}`],
    ['time', duration(run.activeSeconds)],
    ...Object.entries(run.config).map(([field, value]) => [field, JSON.stringify(value)] as const)
  ]
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
    if (action === 'resume') await runs.resume({ ids, allowInexact })
    else await runs[action]({ ids })
    const asked = new Set(ids)
    const changed = (await findRuns(session, [])).filter(run => asked.has(run.id))
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
