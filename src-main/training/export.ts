import { cp, mkdir, rename, rm, stat, writeFile, readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Run } from '../../src-preload/contract/runs.ts'
import { UserError } from '../base/errors.ts'
import { fileError, syncFolder, writeFileAtomic } from '../base/files.ts'
import { findCheckpoint } from '../store/checkpoints.ts'
import { listEvaluations } from '../store/evaluations.ts'
import { checkpointFolder, datasetFolder, type Home, rolloutFolder, runFolder } from '../store/home.ts'
import { readLog } from '../store/log.ts'
import { findKeyId, readPoints, seriesFacts } from '../store/metrics.ts'
import { getRun } from '../store/runs.ts'
import { listSegments } from '../store/segmentRows.ts'
import type { ReadableDb } from '../store/sql.ts'
import { askTrainer } from './askTrainer.ts'
import type { TrainingJob } from './messages.ts'
import type { ExportRequest, ExportResult, SupervisorDependencies } from './supervisorInterface.ts'

/**
 * Writes an export into the home folder's `exports/`: the policy as ONNX, the curves as CSV, or all of a run as a folder.
 * @throws UserError('not-found') when the run or the checkpoint is absent
 */
export async function exportRun(
  dependencies: SupervisorDependencies,
  request: ExportRequest
): Promise<ExportResult> {
  const { db, home } = dependencies
  const run = getRun(db, request.id)
  await mkdir(home.exports, { recursive: true })
  const { what } = request
  const name = freeName(
    home.exports,
    fileNameOf(run.name),
    { policy: '.onnx', metrics: '.csv', folder: '' }[what]
  )
  const target = join(home.exports, name)
  if (what === 'policy')
    return { name, ...(await exportPolicy(dependencies, run, request.checkpointStep, target)) }
  if (what === 'metrics') {
    await writeFileAtomic(target, await metricsCsv(db, run.id))
    return { name, sizeBytes: (await stat(target)).size, checked: null }
  }
  return { name, ...(await exportFolder(dependencies, run, request.checkpointStep, target)) }
}

/** A file name for people: letters, digits and hyphens. */
const fileNameOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80) || 'run'

function freeName(folder: string, base: string, ending: string): string {
  for (let i = 1; ; i++) {
    const name = `${base}${i === 1 ? '' : `-${i}`}${ending}`
    if (!existsSync(join(folder, name))) return name
  }
}

/** Visible points of all curves as CSV, one point a line: `metric,step,seconds,value`. */
async function metricsCsv(db: ReadableDb, runId: string): Promise<string> {
  const visibleTo = new Map(listSegments(db, runId).map(segment => [segment.segment, segment.visibleTo]))
  const lines = ['metric,step,seconds,value']
  for (const { key } of seriesFacts(db, runId)) {
    const keyId = findKeyId(db, key)
    if (keyId === undefined) continue
    for (const { segment, steps, seconds, values } of readPoints(db, runId, keyId)) {
      const limit = visibleTo.get(segment) ?? Infinity
      for (let i = 0; i < values.length; i++) {
        if (steps[i] <= limit) lines.push(`${key},${steps[i]},${seconds[i]},${values[i]}`)
      }
      await nextTurn() // Long curves must not hold up the other things this process does.
    }
  }
  return lines.join('\n') + '\n'
}

/**
 * A checkpoint of a run and the job that a trainer needs to work with it, the newest one for null.
 * @throws UserError('not-found')
 */
export function checkpointOf(
  db: ReadableDb,
  home: Home,
  run: Run,
  step: number | null,
  purpose: 'evaluate' | 'export'
): { readonly job: TrainingJob; readonly file: string } {
  const checkpoint = findCheckpoint(db, run.id, step)
  if (!checkpoint) {
    const which = step === null ? 'no checkpoint yet' : `no checkpoint of step ${step}`
    throw new UserError(
      'not-found',
      `the run "${run.name}" has ${which}, so there is no policy to ${purpose}`
    )
  }
  const job: TrainingJob = {
    ...{ runId: run.id, folder: runFolder(home, run.id), datasetFolder: datasetFolder(home, run.datasetId) },
    ...{ algorithm: run.algorithm, config: run.config, seed: run.seed, environmentId: run.environmentId },
    ...{ engine: run.engine?.id ?? 'auto', threads: run.engine?.threads ?? 1, resume: true },
    precision: run.engine?.precision ?? run.precision
  }
  return { job, file: checkpoint.file }
}

async function exportPolicy(
  { db, home, processes }: SupervisorDependencies,
  run: Run,
  step: number | null,
  file: string
): Promise<Omit<ExportResult, 'name'>> {
  const { job, file: checkpoint } = checkpointOf(db, home, run, step, 'export')
  const question = { kind: 'export', job, checkpoint, file } as const
  const failure = 'the policy could not be exported'
  const { sizeBytes, checked } = await askTrainer(processes, question, 'exported', failure)
  return { sizeBytes, checked }
}

async function exportFolder(
  dependencies: SupervisorDependencies,
  run: Run,
  step: number | null,
  target: string
): Promise<Omit<ExportResult, 'name'>> {
  const { db, home } = dependencies
  const staging = `${target}.tmp-${process.pid}-0`
  const checkpoint = findCheckpoint(db, run.id, step)
  const json = (value: unknown): string => JSON.stringify(value, null, 2) + '\n'
  try {
    await mkdir(staging, { recursive: true })
    await writeFile(join(staging, 'run.json'), json(run))
    await writeFile(join(staging, 'metrics.csv'), await metricsCsv(db, run.id))
    await writeFile(join(staging, 'evaluations.json'), json(listEvaluations(db, run.id)))
    await writeFile(join(staging, 'log.json'), json(readLog(db, run.id, -1, 100_000)))
    if (existsSync(rolloutFolder(home, run.id)))
      await cp(rolloutFolder(home, run.id), join(staging, 'rollouts'), { recursive: true })
    let checked: string | null = null
    if (checkpoint) {
      const from = join(checkpointFolder(home, run.id), checkpoint.file)
      await cp(from, join(staging, 'checkpoints', checkpoint.file), { recursive: true })
      checked = (await exportPolicy(dependencies, run, checkpoint.step, join(staging, 'policy.onnx'))).checked
    }
    await syncFolder(staging)
    await rename(staging, target)
    await syncFolder(home.exports)
    return { sizeBytes: await folderSize(target), checked }
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw fileError(error, 'write', target)
  }
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  const sizes = await Promise.all(
    files.map(async file => (await stat(join(file.parentPath, file.name))).size)
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
