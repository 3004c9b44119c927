import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { EngineInfo } from '../../src-preload/contract/app.ts'
import { precisionProblem } from '../../src-preload/contract/precision.ts'
import { describeEngines } from '../../src-main/compute/index.ts'
import { type Entry, startEngine, startPeer } from './contestants.ts'
import type { BenchOptions } from './options.ts'
import type { Subject } from './subject.ts'

/** Who takes part, and who does not and why. */
export interface Field {
  readonly engines: readonly { readonly info: EngineInfo; readonly precisions: readonly string[] }[]
  readonly peers: readonly Peer[]
  /** One sentence each. */
  readonly skipped: readonly string[]
}

interface Peer {
  readonly name: string
  readonly script: string
  readonly version: string
}

const knownPeers = [
  { name: 'jax', package: 'jax', script: 'jax_peer.py' },
  { name: 'pytorch', package: 'torch', script: 'torch_peer.py' },
  { name: 'd3rlpy', package: 'd3rlpy', script: 'd3rlpy_peer.py' }
]
const peerAlgorithms = ['iql', 'bc']

/** Looks which engines and which Python libraries are here. */
export async function findField(options: BenchOptions): Promise<Field> {
  const skipped: string[] = []
  const infos = (await describeEngines()).filter(
    ({ id }) => options.engines.length === 0 || options.engines.includes(id)
  )
  for (const id of options.engines.filter(id => !infos.some(info => info.id === id)))
    skipped.push(`${id}: SKIPPED, there is no such engine`)
  const engines = infos.flatMap(info => {
    if (!info.available) return (skipped.push(`${info.id}: SKIPPED, ${info.reason}`), [])
    const precisions = options.precisions.filter(precision => {
      const problem = precisionProblem(precision as 'float32', info.precisions)
      const offered = info.precisions?.some(entry => entry.precision === precision)
      if (problem !== null && offered) skipped.push(`${info.id} ${precision}: SKIPPED, ${problem}`)
      return problem === null
    })
    return [{ info, precisions }]
  })
  return { engines, peers: await findPeers(options.python, skipped), skipped }
}

async function findPeers(python: string | null, skipped: string[]): Promise<Peer[]> {
  const peers: Peer[] = []
  for (const { name, package: wanted, script } of knownPeers) {
    const version = python === null ? { problem: 'no --python' } : await versionOf(python, wanted)
    if (typeof version === 'string') peers.push({ name, script, version })
    else skipped.push(`${name}: SKIPPED, ${version.problem}`)
  }
  return peers
}

/** Imports a package, which says more than looking for it. */
async function versionOf(python: string, wanted: string): Promise<string | { problem: string }> {
  try {
    const code = `import ${wanted}, sys; sys.stdout.write('\\n' + ${wanted}.__version__)`
    const { stdout } = await promisify(execFile)(python, ['-c', code], { timeout: 120_000 })
    return stdout.trim().split('\n').at(-1) ?? ''
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    return { problem: stderr?.trim().split('\n').at(-1) ?? message.split('\n')[0] }
  }
}

/** Engines in each of their number formats, without the slow op-by-op engine unless it is asked for. */
export function engineEntries(field: Field, subject: Subject, withEager: boolean): Entry[] {
  return field.engines
    .filter(({ info }) => withEager || info.id !== 'eager')
    .flatMap(({ info, precisions }) =>
      precisions.map(precision => ({
        engine: info.id,
        device: info.device,
        precision,
        start: (threads: number) => startEngine(info.id, precision, subject, threads)
      }))
    )
}

/** The Python libraries that have this algorithm. */
export function peerEntries(field: Field, python: string | null, subject: Subject): Entry[] {
  if (python === null || !peerAlgorithms.includes(subject.algorithm)) return []
  return field.peers.map(({ name, script }) => ({
    engine: name,
    device: 'CPU',
    precision: 'float32',
    start: (threads, core) => startPeer(python, script, subject, threads, core)
  }))
}
