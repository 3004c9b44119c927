import type { Dataset } from '../../src-preload/contract/datasets.ts'
import type { Run } from '../../src-preload/contract/runs.ts'
import { UserError } from '../base/errors.ts'
import type { Session } from './session.ts'

/** A run with its configuration takes some 2 kB; a frame holds 1 MB. */
const runsAPage = 200

/**
 * The dataset that a word on the command line means: its name, the start of it, its id, or the start of that.
 * @throws UserError('not-found' | 'conflict') when none or several fit
 */
export async function findDataset(session: Session, word: string): Promise<Dataset> {
  const datasets = await session.client.datasets.list({})
  const lower = word.toLowerCase()
  const candidates = [
    datasets.filter(dataset => dataset.id === word || dataset.name === word),
    datasets.filter(dataset => dataset.name.toLowerCase().startsWith(lower)),
    datasets.filter(dataset => word.length >= 4 && dataset.id.startsWith(word))
  ]
  const found = candidates.find(list => list.length > 0) ?? []
  if (found.length === 1) return found[0]
  if (found.length > 1)
    throw new UserError(
      'conflict',
      `${word} fits ${found.length} datasets; name one by its id: ${found.map(dataset => dataset.id).join(', ')}`
    )
  const known = datasets.slice(0, 10).map(dataset => dataset.name)
  throw new UserError(
    'not-found',
    `no dataset is called ${JSON.stringify(word)}; ${known.length > 0 ? `there are ${known.join(', ')}` : '`stitchwork import FILE` makes the first one'}`
  )
}

/**
 * The runs that words on the command line mean: ids, starts of ids, names of runs or groups, or names of experiments.
 * Without words, all runs.
 * @param withDatasets for commands that only show: a word that is none of these may be a dataset, by its id, its name or
 *   the start of it
 * @throws UserError('not-found') naming the word that fits nothing
 */
export async function findRuns(
  session: Session,
  words: readonly string[],
  withDatasets = false
): Promise<readonly Run[]> {
  const runs = await allRuns(session)
  if (words.length === 0) return runs
  const found = new Map<string, Run>()
  for (const word of words) {
    const named = runs.filter(
      run =>
        [run.id, run.name, run.groupName, run.experimentId, run.experimentName].includes(word) ||
        (word.length >= 4 && run.id.startsWith(word))
    )
    const matches = named.length > 0 || !withDatasets ? named : runs.filter(run => trainedOn(run, word))
    if (matches.length === 0)
      throw new UserError(
        'not-found',
        `no run, group${withDatasets ? ', experiment or dataset with runs' : ' or experiment'} is called ${JSON.stringify(word)}; \`stitchwork runs\` lists them`
      )
    for (const run of matches) found.set(run.id, run)
  }
  return [...found.values()]
}

const trainedOn = (run: Run, word: string): boolean =>
  run.datasetId === word || run.datasetName.toLowerCase().startsWith(word.toLowerCase())

const allRuns = (session: Session): Promise<Run[]> =>
  allPages(offset => session.client.runs.list({ offset, limit: runsAPage }))

/** All of a list that is asked for in pages that fit a frame. */
export async function allPages<T>(pageAt: (offset: number) => Promise<readonly T[]>): Promise<T[]> {
  const all: T[] = []
  for (;;) {
    const page = await pageAt(all.length)
    all.push(...page)
    if (page.length === 0) return all
  }
}

/**
 * The one run that a word means.
 * @throws UserError('conflict') when it means several
 */
export async function findRun(session: Session, word: string): Promise<Run> {
  const runs = await findRuns(session, [word])
  if (runs.length === 1) return runs[0]
  throw new UserError(
    'conflict',
    `${JSON.stringify(word)} means ${runs.length} runs; name one by its id: ${runs
      .slice(0, 10)
      .map(run => run.id)
      .join(', ')}`
  )
}
