/** Entry of the importer process: one job, then it exits. It never sees the store, and no file but the one it is given. */
import { memoryUsage } from 'node:process'
import { monotonicSeconds } from '../base/clock.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { parentChannel, type ParentChannel } from '../base/parentChannel.ts'
import { loadDataset, writeDataset } from './columns.ts'
import { combineDatasets, type Derived, filterDataset, makeFromRecipe } from './derive.ts'
import type { FromImporter, ImportJob } from './importMessages.ts'
import type { ReportProgress } from './importers/importer.ts'
import { openSource, readSource } from './importers/index.ts'
import { reportOf } from './report.ts'
import { requireAnswers, settle } from './settle.ts'

const secondsBetweenMessages = 0.1

const channel = parentChannel()
const send = (message: FromImporter): void => channel.send(message)
channel.onClose(() => process.exit(1))
channel.onMessage(message => void run(message as ImportJob, channel))
send({ kind: 'ready', memoryBytes: memoryUsage.rss() })

async function run(job: ImportJob, parent: ParentChannel): Promise<void> {
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

async function answer(job: ImportJob): Promise<FromImporter> {
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
  if (job.kind === 'filter') return filterDataset(await loadDataset(job.folder), job.name, job.filter)
  const datasets = []
  for (const folder of job.folders) datasets.push(await loadDataset(folder))
  return combineDatasets(datasets, job.name)
}

async function readFile(job: ImportJob & { kind: 'inspect' | 'commit' }): Promise<FromImporter> {
  const progress = throttledProgress()
  await progress('opening', 0, 1)
  const source = await openSource(job.path)
  const { importer, file } = await readSource(source, { answers: job.answers, progress })
  const settled = settle(importer, file, source.name, job.answers, job.kind === 'commit' ? job.name : null)
  send({ kind: 'progress', phase: 'computing statistics', done: 0, total: 1, memoryBytes: memoryUsage.rss() })
  if (job.kind === 'inspect')
    return { kind: 'report', report: reportOf(job.inspectionId, source, importer, file, settled) }
  requireAnswers(settled.questions, job.answers)
  const { id } = await writeDataset(job.staging, settled.description, file.columns, [...settled.problems])
  return { kind: 'written', id }
}
