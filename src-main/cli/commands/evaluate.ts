import type { Evaluation, FreshEvaluation } from '../../../src-preload/contract/evaluations.ts'
import type { Run } from '../../../src-preload/contract/runs.ts'
import { withSession, type CommandContext } from '../command.ts'
import { Cancelled } from '../exitCodes.ts'
import { findRuns } from '../find.ts'
import { figure, table } from '../output.ts'
import type { Session } from '../session.ts'

export interface EvaluateOptions {
  readonly episodes: number
  /** Episodes kept for replay. */
  readonly keep?: number
  readonly checkpoint?: number
  readonly stored?: boolean
  readonly last?: boolean
}

interface Entry<E> {
  readonly run: Run
  readonly evaluation: E
}

/**
 * `evaluate NAME...`: runs the policies of runs now, one after the other; `--stored` lists what was evaluated during training,
 * newest last.
 */
export function evaluateCommand(
  context: CommandContext,
  words: readonly string[],
  options: EvaluateOptions
): Promise<void> {
  return withSession(context, async session => {
    const runs = await findRuns(session, words)
    const entries: Entry<Evaluation | FreshEvaluation>[] = options.stored
      ? await stored(session, runs, options.last === true)
      : await fresh(context, session, runs, options)
    context.output.result(
      entries.map(entry => entry.evaluation),
      entries.length === 0 ? 'these runs have no evaluations yet' : tableOf(entries)
    )
  })
}

async function stored(session: Session, runs: readonly Run[], last: boolean): Promise<Entry<Evaluation>[]> {
  const entries: Entry<Evaluation>[] = []
  for (const run of runs) {
    const evaluations = await session.client.evaluations.list({ runId: run.id })
    for (const evaluation of last ? evaluations.slice(-1) : evaluations) entries.push({ run, evaluation })
  }
  return entries
}

async function fresh(
  { output, signal }: CommandContext,
  session: Session,
  runs: readonly Run[],
  { episodes, keep = 0, checkpoint }: EvaluateOptions
): Promise<Entry<FreshEvaluation>[]> {
  const cancelled = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Cancelled()))
  )
  cancelled.catch(() => undefined)
  const entries: Entry<FreshEvaluation>[] = []
  for (const run of runs) {
    output.progress([`${run.name}: ${episodes} episodes`])
    const asked = session.client.evaluations.run({
      ...{ runId: run.id, episodes, keep },
      checkpointStep: checkpoint ?? null
    })
    entries.push({ run, evaluation: await Promise.race([asked, cancelled]) })
  }
  return entries
}

function tableOf(entries: readonly Entry<Evaluation | FreshEvaluation>[]): string {
  const header = ['name', 'run', 'seed#', 'step#', 'episodes#', 'mean return#', 'sd#', 'length#', 'score#']
  const rows = entries.map(({ run, evaluation }) => [
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
  return table(header, rows)
}
