import type { Tier } from '../../../src-preload/contract/collect.ts'
import { tier } from '../../../src-preload/contract/collect.ts'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import { UserError } from '../../base/errors.ts'
import { waitFor, withSession, type CommandContext } from '../command.ts'
import { figure, table } from '../output.ts'
import type { Session } from '../session.ts'
import { show } from './import.ts'

export interface TierOptions {
  /** Comma-separated; the usual two where absent. */
  readonly tiers?: string
  readonly transitions: number
  readonly seed: number
  readonly noise: number
}

export interface MakeOptions extends TierOptions {
  readonly random?: boolean
  readonly environment?: string
}

/** `collect make BEHAVIOUR`, or `collect make --random --environment ID`: datasets without any training. */
export function makeCommand(
  context: CommandContext,
  behaviour: string | undefined,
  options: MakeOptions
): Promise<void> {
  const work = planned(behaviour, options)
  return withSession(context, async session => {
    const datasets =
      'environmentId' in work
        ? [await makeRandom(context, session, work.environmentId, options)]
        : await makeTiers(context, session, work.id, work.tiers, options)
    context.output.result({ datasets }, datasetTable(datasets))
  })
}

/** What the words of the command ask for. @throws UserError('invalid-config') where they do not fit together */
function planned(
  behaviour: string | undefined,
  { tiers, random, environment }: MakeOptions
): { readonly environmentId: string } | { readonly id: string; readonly tiers: readonly Tier[] } {
  const fail = (text: string): never => {
    throw new UserError('invalid-config', text)
  }
  if (random === true) {
    if (behaviour !== undefined || tiers !== undefined)
      fail('--random needs no behaviour and no tiers; say --random --environment ID')
    return { environmentId: environment ?? fail('say where: --random --environment hopper-v2') }
  }
  if (environment !== undefined) fail('--environment goes with --random; a behaviour knows its environment')
  const id =
    behaviour ?? fail('name a behaviour (`collect list` shows them), or say --random --environment ID')
  return { id, tiers: tiersOf(tiers) }
}

/** The tiers of a comma-separated list, or the usual two. @throws UserError('invalid-config') naming the word that is none */
export function tiersOf(text = 'medium-replay,medium-expert'): Tier[] {
  return text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
    .map(word => {
      const parsed = tier.safeParse(word)
      if (parsed.success) return parsed.data
      throw new UserError('invalid-config', `"${word}" is no tier; choose from ${tier.options.join(', ')}`)
    })
}

/** Makes tiers of a behaviour, one after the other. */
export async function makeTiers(
  context: CommandContext,
  session: Session,
  id: string,
  tiers: readonly Tier[],
  { transitions, seed, noise }: TierOptions
): Promise<Dataset[]> {
  const datasets: Dataset[] = []
  for (const name of tiers) {
    const items = session.client.collect.make({ id, tier: name, transitions, seed, noise }, context.signal)
    datasets.push(await waitFor(items, context.signal, item => show(context, item, 'imported')))
  }
  return datasets
}

function makeRandom(
  context: CommandContext,
  session: Session,
  environmentId: string,
  { transitions, seed }: TierOptions
): Promise<Dataset> {
  const items = session.client.collect.makeRandom({ environmentId, transitions, seed }, context.signal)
  return waitFor(items, context.signal, item => show(context, item, 'imported'))
}

/** The datasets that were made. */
export function datasetTable(datasets: readonly Dataset[]): string {
  const rows = datasets.map(({ name, id, episodes, transitions, meanReturn }) => [
    name,
    id.slice(0, 12),
    String(episodes),
    String(transitions),
    figure(meanReturn)
  ])
  return table(['name', 'id', 'episodes#', 'transitions#', 'mean return#'], rows)
}
