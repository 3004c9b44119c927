/** Entry of the importer process: one job, then it exits. It never sees the store, and no file but the one it is given. */
import { memoryUsage } from 'node:process'
import { monotonicSeconds } from '../base/clock.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { parentChannel, type ParentChannel } from '../base/parentChannel.ts'
import { environments } from '../environments/index.ts'
import { loadDatasetWithStates, writeDataset } from './columns.ts'
import { combineDatasets, type Derived, filterDataset, makeFromRecipe } from './derive.ts'
import { writeDynamics } from './dynamicsFile.ts'
import { checkOf, contentOfCheck, type KeptCheck } from './dynamicsOf.ts'
import type { CheckJob, FromImporter, ImportJob } from './importMessages.ts'
import type { ImportedFile, ReportProgress } from './importers/importer.ts'
import { openSource, readSource } from './importers/index.ts'
import { reportOf } from './report.ts'
import { requireAnswers, settle } from './settle.ts'

const secondsBetweenMessages = 0.1

const channel = parentChannel()
const send = (message: FromImporter): void => channel.send(message)
channel.onClose(() => process.exit(1))
channel.onMessage(message => void run(message as ImportJob | CheckJob, channel))
send({ kind: 'ready', memoryBytes: memoryUsage.rss() })

async function run(job: ImportJob | CheckJob, parent: ParentChannel): Promise<void> {
  try {
    send(await answer(job))
  } catch (error) {
    send({ kind: 'failed', error: wireError(error) })
  }
  await parent.flush()
  process.exit(0)
}

/** A bug of ours becomes a sentence too: the file is foreign, and libraries throw what they like on it. */
function wireError(error: unknown): (FromImporter & { kind: 'failed' })['error'] {
  if (error instanceof UserError)
    return { code: error.code, message: error.message, details: { ...error.details } }
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return {
    code: 'invalid-file',
    message: `the file cannot be read: ${messageOf(error).slice(0, 300)}`,
    details: { stack: stack.slice(0, 2000) }
  }
}

/** Sends progress at most ten times a second; awaiting it lets the message leave. */
function throttledProgress(): ReportProgress {
  let last = -Infinity
  return async (phase, done, total) => {
    const now = monotonicSeconds()
    if (now - last < secondsBetweenMessages) return
    last = now
    send({ kind: 'progress', phase, done, total, memoryBytes: memoryUsage.rss() })
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function answer(job: ImportJob | CheckJob): Promise<FromImporter> {
  if (job.kind === 'check') return check(job)
  if (job.kind === 'inspect' || job.kind === 'commit') return readFile(job)
  const { description, columns } = await derive(job)
  await throttledProgress()('writing', 0, 1)
  const { id } = await writeDataset(job.staging, description, columns)
  return { kind: 'written', id }
}

async function derive(job: ImportJob & { kind: 'make' | 'filter' | 'combine' }): Promise<Derived> {
  const progress = throttledProgress()
  if (job.kind === 'make') {
    await progress('simulating', 0, 1)
    return makeFromRecipe(job.recipe, job.seed)
  }
  await progress('reading', 0, 1)
  if (job.kind === 'filter')
    return filterDataset(await loadDatasetWithStates(job.folder), job.name, job.filter)
  const datasets = []
  for (const folder of job.folders) datasets.push(await loadDatasetWithStates(folder))
  return combineDatasets(datasets, job.name)
}

async function readFile(job: ImportJob & { kind: 'inspect' | 'commit' }): Promise<FromImporter> {
  const progress = throttledProgress()
  await progress('opening', 0, 1)
  const source = await openSource(job.path)
  const { importer, file } = await readSource(source, { answers: job.answers, progress })
  const kept = await checkFile(file, job.kind === 'commit' ? job.dynamics : null)
  const dynamics = kept?.checked ?? { check: null, problem: null }
  const settled = settle(importer, file, source.name, job.answers, {
    name: job.kind === 'commit' ? job.name : null,
    dynamics
  })
  send({ kind: 'progress', phase: 'computing statistics', done: 0, total: 1, memoryBytes: memoryUsage.rss() })
  if (job.kind === 'inspect')
    return {
      kind: 'report',
      report: reportOf(job.inspectionId, source, importer, file, settled),
      dynamics: kept
    }
  requireAnswers(settled.questions, job.answers)
  const { id } = await writeDataset(job.staging, settled.description, file.columns, [...settled.problems])
  if (dynamics.check !== null) await writeDynamics(job.staging, dynamics.check)
  return { kind: 'written', id }
}

/**
 * Checks a file that may hold a robot's data; a check that fails does not keep the data from being imported.
 * @param known an earlier check, which is taken where it is of the same columns
 */
async function checkFile(file: ImportedFile, known: KeptCheck | null): Promise<KeptCheck | null> {
  if (file.actions.kind === 'discrete') return null
  const content = contentOfCheck(file.columns, file.environmentName)
  if (known?.content === content) return known
  try {
    const checked = await checkOf(file.columns, file.environmentName, environments, throttledProgress())
    return { content, checked }
  } catch (error) {
    const problem = `the dynamics could not be checked: ${messageOf(error).slice(0, 300)}`
    return { content, checked: { check: null, problem } }
  }
}

/** @throws UserError('unsupported') where there is nothing to check the dataset against */
async function check(job: CheckJob): Promise<FromImporter> {
  const progress = throttledProgress()
  await progress('reading', 0, 1)
  const { columns, manifest } = await loadDatasetWithStates(job.folder)
  const name = manifest.provenance.environment ?? manifest.environmentId
  const { check } = await checkOf(columns, name, environments, progress)
  if (check === null)
    throw new UserError(
      'unsupported',
      `${manifest.name} fits no simulated robot: the sizes of its observations and actions are those of none`
    )
  return { kind: 'checked', check }
}
