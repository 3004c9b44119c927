/**
 * Checkpoints: one folder each, `step-000005000/` with `state.safetensors` and `checkpoint.json`, written beside its place and
 * renamed, so that it is whole or absent. The JSON carries the SHA-256 of the tensors and of itself.
 * The format is described in docs/formats/checkpoint.md.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { execution } from '../../src-preload/contract/execution.ts'
import { precision } from '../../src-preload/contract/precision.ts'
import { now } from '../base/clock.ts'
import { messageOf, UserError } from '../base/errors.ts'
import { fileError, publishFolder, sweepTemporaries, writeFileSynced } from '../base/files.ts'
import { encodeSafetensors, readSafetensors, type StoredTensors } from '../base/safetensors.ts'
import type { HostTensor, HostTensors } from '../base/tensors.ts'
import { normaliserSchema } from '../datasets/normaliser.ts'
import { sumsFromMoments } from '../nn/adam.ts'
import type { CheckpointKind } from './loop.ts'
import { type Unstored, unstoredSchema } from './outbox.ts'
import type { DerivedValues, PendingEvaluation, Snapshot } from './snapshot.ts'

/** What a checkpoint says about the run it belongs to; a resumed run must agree with it. */
const checkpointRunSchema = z.object({
  /** Of dataset, algorithm, configuration and seed. */
  jobHash: z.string(),
  datasetId: z.string(),
  algorithm: z.string(),
  config: z.record(z.string(), z.unknown()),
  seed: z.number(),
  engine: z.object({
    id: z.string(),
    version: z.string(),
    threads: z.number(),
    device: z.string(),
    /** Absent in older checkpoints, which were all float32; no default here, for the hash is of what the file says. */
    precision: precision.optional(),
    /** Runs in one graph with it; absent for a run by itself. */
    lanes: z.number().optional(),
    /** How its steps ran; absent for engines with one way and in older checkpoints. */
    execution: execution.optional()
  }),
  normaliser: normaliserSchema,
  /** Indices in the dataset. */
  heldOutEpisodes: z.array(z.number())
})
export type CheckpointRun = z.infer<typeof checkpointRunSchema>

const contentSchema = z.object({
  formatVersion: z.literal(1),
  kind: z.enum(['periodic', 'final', 'pause']),
  createdAt: z.number(),
  step: z.number(),
  activeSeconds: z.number(),
  callSteps: z.number(),
  evaluationDue: z.boolean(),
  window: z.object({ count: z.number(), sums: z.array(z.number()) }),
  run: checkpointRunSchema,
  stateSha256: z.string(),
  unstored: unstoredSchema.optional(),
  /** Its parameters are the tensors under `evaluation/`. */
  pendingEvaluation: z.object({ step: z.number(), seconds: z.number() }).optional()
})
const fileSchema = z.object({ content: contentSchema, sha256: z.string() })

export interface Checkpoint {
  readonly name: string
  readonly kind: CheckpointKind
  readonly run: CheckpointRun
  readonly snapshot: Snapshot
  /** What the trainer had said and nobody had stored when it wrote this. */
  readonly unstored: Unstored | null
}

const stateFile = 'state.safetensors'
const jsonFile = 'checkpoint.json'
const keep = 3

/** Folder name of a checkpoint; names sort by step. */
export const checkpointName = (step: number): string => `step-${String(step).padStart(9, '0')}`
const isCheckpointName = (name: string): boolean => /^step-\d{9,}$/.test(name)
const stepOf = (name: string): number => Number(name.slice('step-'.length))
const hashOf = (pieces: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

/**
 * Writes a checkpoint, whole or not at all, and then removes all but the newest three.
 * @param folder the run's `checkpoints/`
 * @param unstored what main has not stored yet
 * @returns its name, size and the steps of the checkpoints that were removed
 * @throws UserError('disk-full' | 'io-error'); what was there before stays
 */
export async function writeCheckpoint(
  folder: string,
  snapshot: Snapshot,
  kind: CheckpointKind,
  run: CheckpointRun,
  unstored?: Unstored
) {
  const name = checkpointName(snapshot.step)
  const staging = join(folder, `${name}.tmp-${process.pid}-${Math.round(performance.now())}`)
  const pieces = encodeSafetensors(tensorsOf(snapshot))
  const { step, activeSeconds, callSteps, evaluationDue, window, pendingEvaluation: pending } = snapshot
  const content = {
    formatVersion: 1 as const,
    ...{ kind, createdAt: now(), step, activeSeconds, callSteps, evaluationDue, window, run },
    stateSha256: hashOf(pieces),
    ...(unstored && { unstored }),
    ...(pending && { pendingEvaluation: { step: pending.step, seconds: pending.seconds } })
  }
  const json = JSON.stringify({ content, sha256: hashOf([JSON.stringify(content)]) })
  try {
    await mkdir(staging, { recursive: true })
    await writeFileSynced(join(staging, stateFile), pieces)
    await writeFileSynced(join(staging, jsonFile), json)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw fileError(error, 'write', join(folder, name))
  }
  await publishFolder(staging, join(folder, name))
  const removed = await prune(folder)
  return { name, sizeBytes: json.length + pieces.reduce((sum, piece) => sum + piece.byteLength, 0), removed }
}

async function prune(folder: string): Promise<number[]> {
  const names = await checkpointNames(folder)
  const old = names.slice(0, -keep)
  for (const name of old) await rm(join(folder, name), { recursive: true, force: true })
  return old.map(stepOf)
}

/** Names of the checkpoints in a folder, oldest first, whole or not. */
async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw fileError(error, 'read', folder)
  })
  return names.filter(isCheckpointName).sort((a, b) => stepOf(a) - stepOf(b))
}

/**
 * Reads one checkpoint and checks it.
 * @throws UserError('checkpoint-corrupt') naming the file and what is wrong with it
 */
export async function readCheckpoint(folder: string, name: string): Promise<Checkpoint> {
  try {
    const file = fileSchema.parse(JSON.parse(await readFile(join(folder, name, jsonFile), 'utf8')))
    const { content } = file
    if (hashOf([JSON.stringify(content)]) !== file.sha256)
      throw new Error(`${jsonFile} has another SHA-256 than when it was written`)
    const { tensors: stored, sha256 } = await readSafetensors(join(folder, name, stateFile))
    if (sha256 !== content.stateSha256)
      throw new Error(`${stateFile} has another SHA-256 than when it was written`)
    const { step, activeSeconds, callSteps, evaluationDue, window } = content
    const tensors = sumsFromMoments(stored)
    const pendingEvaluation = pendingOf(content.pendingEvaluation, tensors)
    const snapshot = {
      ...{ step, activeSeconds, callSteps, evaluationDue, pendingEvaluation, window },
      ...partsOf(tensors)
    }
    return { name, kind: content.kind, run: content.run, snapshot, unstored: content.unstored ?? null }
  } catch (error) {
    throw new UserError('checkpoint-corrupt', `checkpoint ${name} is damaged: ${messageOf(error)}`, {
      folder,
      name
    })
  }
}

/**
 * The newest whole checkpoint. Damaged ones are moved aside under `<name>.damaged` and named; leftovers of a killed writer are removed.
 * @returns null without any whole one
 */
export async function newestCheckpoint(
  folder: string
): Promise<{ checkpoint: Checkpoint | null; damaged: readonly string[] }> {
  const damaged: string[] = []
  const names = await checkpointNames(folder)
  if (names.length > 0) await sweepTemporaries(folder)
  for (const name of names.reverse()) {
    try {
      return { checkpoint: await readCheckpoint(folder, name), damaged }
    } catch (error) {
      damaged.push(messageOf(error))
      const aside = join(folder, `${name}.damaged`)
      await rm(aside, { recursive: true, force: true })
      await rename(join(folder, name), aside)
    }
  }
  return { checkpoint: null, damaged }
}

function tensorsOf({ state, derived, heldOutDerived, pendingEvaluation }: Snapshot): StoredTensors {
  const columns = (prefix: string, values: DerivedValues) =>
    Object.entries(values).map(
      ([name, data]) => [`${prefix}/${name}`, { shape: [data.length], data }] as const
    )
  const host = (prefix: string, tensors: HostTensors) =>
    Object.entries(tensors).map(([name, { shape, data }]) => [`${prefix}/${name}`, { shape, data }] as const)
  return Object.fromEntries([
    ...host('state', state),
    ...host('evaluation', pendingEvaluation?.tensors ?? {}),
    ...columns('derived', derived),
    ...columns('heldOutDerived', heldOutDerived)
  ])
}

function partsOf(tensors: StoredTensors): Pick<Snapshot, 'state' | 'derived' | 'heldOutDerived'> {
  const columns = (prefix: string): DerivedValues =>
    Object.fromEntries(under(tensors, prefix).map(([name, { data }]) => [name, data as Float32Array]))
  const state = hostTensorsOf(tensors, 'state/')
  return { state, derived: columns('derived/'), heldOutDerived: columns('heldOutDerived/') }
}

const under = (tensors: StoredTensors, prefix: string) =>
  Object.entries(tensors)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, tensor]) => [name.slice(prefix.length), tensor] as const)

const hostTensorsOf = (tensors: StoredTensors, prefix: string): HostTensors =>
  Object.fromEntries(under(tensors, prefix).map(([name, tensor]) => [name, hostTensor(name, tensor)]))

const pendingOf = (
  at: Omit<PendingEvaluation, 'tensors'> | undefined,
  tensors: StoredTensors
): PendingEvaluation | null => (at ? { ...at, tensors: hostTensorsOf(tensors, 'evaluation/') } : null)

function hostTensor(name: string, { shape, data }: StoredTensors[string]): HostTensor {
  if (data instanceof Float32Array) return { shape, dtype: 'float32', data }
  if (data instanceof Int32Array) return { shape, dtype: 'int32', data }
  if (data instanceof Uint8Array) return { shape, dtype: 'bool', data }
  throw new Error(`tensor ${name} has a type that no state holds`)
}

/** Hash of what decides a run's result besides the engine: equal for runs that may continue each other's checkpoints. */
export function jobHashOf(job: {
  readonly datasetId: string
  readonly algorithm: string
  readonly config: Readonly<Record<string, unknown>>
  readonly seed: number
}): string {
  const config = Object.entries(job.config).sort(([a], [b]) => (a < b ? -1 : 1))
  return hashOf([JSON.stringify([job.datasetId, job.algorithm, config, job.seed])])
}
