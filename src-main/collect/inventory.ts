/** The behaviours in a folder as lists show them; a file that has not changed is not read again. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BehaviourInfo, DamagedBehaviour } from '../../src-preload/contract/collect.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import { messageOf } from '../base/errors.ts'
import { mean, sampleDeviation } from '../base/moments.ts'
import { environmentById } from '../environments/index.ts'
import { checkpointNames, readSummary } from './checkpointFiles.ts'
import type { CheckpointSummary } from './checkpointFiles.ts'
import { damaged, withoutCheckpoint } from './damage.ts'
import { livedNames } from './livedFiles.ts'
import { endOf, manifestName, readManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { scoreOf } from './tiers.ts'
import { hasTraining } from './trainingFile.ts'

/** A behaviour as its files have it; whether it trains now is not among them. */
export type ShelvedBehaviour = Omit<BehaviourInfo, 'state' | 'progress' | 'watched'> & {
  readonly ended: ReturnType<typeof endOf>
}

export interface Inventory {
  readonly behaviours: readonly ShelvedBehaviour[]
  readonly damaged: readonly DamagedBehaviour[]
}

/** A checkpoint's summary, or the sentence that says why there is none. */
type Read = { readonly summary: CheckpointSummary } | { readonly problem: string }

export type SummaryReader = typeof readSummary

/** Reads the behaviours below a folder, again and again; remembers checkpoints by inode, size and time of change. */
export class InventoryReader {
  readonly #root: string
  readonly #read: SummaryReader
  #known = new Map<string, { readonly stamp: string; readonly read: Read }>()

  /** @param read tests count its calls */
  constructor(root: string, read: SummaryReader = readSummary) {
    this.#root = root
    this.#read = read
  }

  /** Everything below the folder; one damaged file takes nothing else away. */
  async all(): Promise<Inventory> {
    const entries = await readdir(this.#root, { withFileTypes: true }).catch(() => [])
    const names = entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
    const found = await Promise.all(names.map(name => this.one(name)))
    const isBehaviour = (item: ShelvedBehaviour | DamagedBehaviour | null): item is ShelvedBehaviour =>
      item !== null && 'id' in item
    return {
      behaviours: found.filter(isBehaviour).sort((a, b) => b.createdAt - a.createdAt),
      damaged: found.filter(item => item !== null && !isBehaviour(item)) as DamagedBehaviour[]
    }
  }

  /** The behaviour of one folder; null for a folder that holds none. */
  async one(name: string): Promise<ShelvedBehaviour | DamagedBehaviour | null> {
    const folder = join(this.#root, name)
    try {
      const [manifest, names] = [await readManifest(folder), await checkpointNames(folder)]
      if (manifest !== null) return await this.#describe(folder, manifest, names)
      if (names.length === 0) return null
      const next = `put it back, or delete the folder ${name} and train again`
      throw damaged(folder, manifestName, 'it is missing beside its checkpoints', next)
    } catch (error) {
      return { name, problem: messageOf(error) }
    }
  }

  async #describe(folder: string, manifest: Manifest, names: readonly string[]): Promise<ShelvedBehaviour> {
    const reads = await Promise.all(names.map(name => this.#summary(folder, name, manifest)))
    const summaries = reads.flatMap(read => ('summary' in read ? [read.summary] : []))
    const [problem = null, ...more] = reads.flatMap(read => ('problem' in read ? [read.problem] : []))
    const { id, environmentId, learner, seed, steps, createdAt, reason, finished, stretches = [] } = manifest
    const lived = summaries.at(-1)?.steps ?? 0
    const resumable = !finished && (await hasTraining(folder))
    return {
      ...{ id, environmentId, learner, seed, steps, createdAt, reason, stretches, lived, resumable },
      checkpoints: summaries.map(described),
      ended: endOf(manifest, lived >= steps && !resumable),
      hasReplay: (await livedNames(folder)).length > 0,
      problem: more.length === 0 ? problem : `${problem} (and ${more.length} more)`
    }
  }

  async #summary(
    folder: string,
    name: string,
    owner: Pick<Manifest, 'environmentId' | 'learner' | 'seed'>
  ): Promise<Read> {
    const path = join(folder, name)
    const stamp = (await stampOf(path)) ?? 'absent'
    const known = this.#known.get(path)
    if (known?.stamp === stamp) return known.read
    const read = await this.#read(folder, name).then(
      summary => belongs(folder, name, summary, owner),
      (error: unknown) => ({ problem: messageOf(error) })
    )
    this.#known.set(path, { stamp, read })
    return read
  }

  /** Forgets what was read of a folder that is gone. */
  forget(name: string): void {
    const start = join(this.#root, name, '/')
    this.#known = new Map([...this.#known].filter(([path]) => !path.startsWith(start)))
  }
}

function belongs(
  folder: string,
  name: string,
  summary: CheckpointSummary,
  owner: Pick<Manifest, 'environmentId' | 'learner' | 'seed'>
): Read {
  const { environmentId, learner, seed } = summary
  if (environmentId === owner.environmentId && learner === owner.learner && seed === owner.seed)
    return { summary }
  const what = `it is of ${environmentId}, ${learner.toUpperCase()}, seed ${seed}`
  return { problem: damaged(folder, name, what, withoutCheckpoint).message }
}

function described({
  environmentId,
  steps,
  returns
}: CheckpointSummary): BehaviourInfo['checkpoints'][number] {
  const environment = environmentById(environmentId)
  const values = Float64Array.from(returns)
  const score = environment ? scoreOf(environment, mean(values)) : null
  return {
    steps,
    meanReturn: toScalar(mean(values)),
    standardDeviation: toScalar(sampleDeviation(values)),
    score: score === null ? null : toScalar(score)
  }
}

/** Tells a replaced or changed file from the one that was read; null where there is none. */
async function stampOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null)
  return found === null ? null : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`
}
