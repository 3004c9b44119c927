import type { Run } from '../../src-preload/contract/runs.ts'
import type { CommandContext } from './command.ts'
import { Cancelled } from './exitCodes.ts'
import { bar, duration, figure } from './output.ts'
import type { Session } from './session.ts'

const ended = new Set<Run['state']>(['finished', 'failed', 'diverged', 'stopped', 'paused', 'interrupted'])
/** States of an ended run that make the command fail. */
const bad = new Set<Run['state']>(['failed', 'diverged', 'interrupted'])

export const isBad = (run: Run): boolean => bad.has(run.state)

/**
 * Waits until the runs have ended, with a progress bar each on a terminal and one line at each end.
 * At Ctrl+C the runs of a host that ends with this command are paused with a checkpoint; others go on.
 * @throws Cancelled at Ctrl+C, after saying how to go on
 */
export async function waitForRuns(
  context: CommandContext,
  session: Session,
  ids: readonly string[]
): Promise<readonly Run[]> {
  const runs = new Map<string, Run>()
  const reported = new Set<string>()
  const wanted = new Set(ids)
  for await (const { changed } of session.client.runs.follow({}, context.signal)) {
    for (const run of changed) {
      if (!wanted.has(run.id)) continue
      runs.set(run.id, run)
      if (ended.has(run.state) && !reported.has(run.id)) {
        reported.add(run.id)
        context.output.note(endLine(run))
      }
    }
    const all = ids.flatMap(id => runs.get(id) ?? [])
    if (reported.size === ids.length) return all
    context.output.progress(
      all
        .filter(run => !ended.has(run.state))
        .slice(0, 12)
        .map(progressLine)
    )
  }
  if (!context.signal.aborted) throw new Error('invariant: the list of runs ended')
  throw await leave(
    context,
    session,
    ids.filter(id => !reported.has(id))
  )
}

async function leave(context: CommandContext, session: Session, ids: readonly string[]): Promise<Cancelled> {
  if (session.host === null) context.output.note(`${ids.length} runs go on; \`stitchwork runs\` shows them`)
  else {
    context.output.note('writing checkpoints; `stitchwork runs resume` goes on from them')
    await session.client.runs.pause({ ids: [...ids] })
  }
  return new Cancelled()
}

const label = (run: Run): string => `${run.groupName || run.algorithm} seed ${run.seed}`

function endLine(run: Run): string {
  const score = run.finalReturn === null ? '' : `, return ${figure(run.finalReturn)}`
  const reason = run.reason === null ? '' : `: ${run.reason}`
  return `${label(run)}: ${run.state} at step ${run.progress.step}${score} (${duration(run.activeSeconds)})${reason}`
}

function progressLine(run: Run): string {
  const { step, totalSteps, stepsPerSecond, secondsLeft, phase } = run.progress
  const rate =
    run.state === 'running' ? `${figure(stepsPerSecond)} steps/s, ${duration(secondsLeft)} left` : run.state
  return `${label(run).padEnd(28)} ${bar(totalSteps > 0 ? step / totalSteps : 0)}  ${rate}  ${phase}`
}
