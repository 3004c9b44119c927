import type { Plan, Run } from '../../../src-preload/contract/runs.ts'
import { UserError } from '../../base/errors.ts'
import { startBackgroundHost } from '../background.ts'
import { withSession, type CommandContext } from '../command.ts'
import { exitCodes } from '../exitCodes.ts'
import { findDataset, findRuns } from '../find.ts'
import { bytes, duration } from '../output.ts'
import { buildPlan, readPlanFile, type PlanRequest, type TrainOptions } from '../plan.ts'
import type { Session } from '../session.ts'
import { isBad, waitForRuns } from '../watch.ts'
import { runTable } from './runs.ts'

/**
 * `train [FILE]`: starts every dataset x algorithm x seed and waits for them, or leaves them to a host in the background.
 * @returns the exit code
 */
export async function trainCommand(
  context: CommandContext,
  path: string | undefined,
  options: TrainOptions & { readonly detach?: boolean }
): Promise<number> {
  if (options.detach === true) await startBackgroundHost(context)
  return withSession(context, async session => {
    const request = buildPlan(
      path === undefined ? null : readPlanFile(path),
      options,
      await session.client.algorithms.list({})
    )
    const { experimentId, runIds } = await startPlan(context, session, request)
    if (options.detach === true) {
      const runs = await findRuns(session, [experimentId])
      context.output.result(
        { experimentId, runs },
        `${runTable(runs)}\n\`stitchwork runs\` shows how they do`
      )
      return exitCodes.ok
    }
    return report(context, experimentId, await waitForRuns(context, session, runIds))
  })
}

/**
 * Checks a plan with the host and starts it.
 * @throws UserError('invalid-config') with every problem that the host sees in it
 */
export async function startPlan(context: CommandContext, session: Session, request: PlanRequest) {
  const datasets = []
  for (const word of request.datasets) datasets.push((await findDataset(session, word)).id)
  const plan: Plan = { ...request, datasets }
  const estimate = await session.client.runs.estimate(plan)
  if (estimate.problems.length > 0) throw new UserError('invalid-config', problemText(estimate.problems))
  const time = estimate.seconds === null ? 'time not known' : `about ${duration(estimate.seconds)}`
  context.output.note(
    `${estimate.runs} runs, ${time} (${estimate.basis}); kept rollouts need up to ${bytes(estimate.rolloutBytes)}`
  )
  return session.client.runs.create(plan)
}

interface Problem {
  readonly algorithm: string | null
  readonly field: string | null
  readonly text: string
}

/** All that is wrong with a plan as one sentence: `bc, iql: hiddenSizes: must be a list of numbers, not "a"`. */
export function problemText(problems: readonly Problem[]): string {
  const whose = new Map<string, string[]>()
  for (const { algorithm, field, text } of problems) {
    const what = field === null ? text : `${field}: ${text}`
    whose.set(what, [...(whose.get(what) ?? []), ...(algorithm === null ? [] : [algorithm])])
  }
  return [...whose]
    .map(([what, names]) => (names.length === 0 ? what : `${[...new Set(names)].join(', ')}: ${what}`))
    .join('; ')
}

function report(context: CommandContext, experimentId: string, runs: readonly Run[]): number {
  context.output.result({ experimentId, runs }, runTable(runs))
  return runs.some(isBad) ? exitCodes.runFailed : exitCodes.ok
}
