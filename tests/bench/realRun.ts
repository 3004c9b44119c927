/** A run as a person starts it: a host on an empty home folder, a trainer of its own, the contract between them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRealClient, type RealClient } from './realHost.ts'
import { type EngineTimes, timesVariable } from './timedTrainer.ts'

/** What a run showed. */
export interface RunReport extends EngineTimes {
  /** From asking for the run to its first metric point. */
  readonly firstMetricSeconds: number
  /** The largest that its trainer reported. */
  readonly memoryBytes: number
  /** Processor time of the host from the first point to the end, and the time that passed. */
  readonly hostCpuSeconds: number
  readonly watchedSeconds: number
}

/** A host with one dataset. */
export interface RealHost {
  run(engine: string, precision: string, config: Readonly<Record<string, unknown>>): Promise<RunReport>
  close(): Promise<void>
}

/** Opens a host in a temporary home folder and makes the Crossroads dataset there. */
export async function openRealHost(): Promise<RealHost> {
  const home = mkdtempSync(join(tmpdir(), 'stitchwork-bench-'))
  const timesFile = join(home, 'times.json')
  process.env[timesVariable] = timesFile
  const { client, dataset, close } = await openRealClient(home, join(import.meta.dirname, 'timedTrainer.ts'))
  return {
    run: async (engine, precision, config) => {
      const watched = await watchRun(client, { dataset, engine, precision, config })
      return { ...watched, ...(JSON.parse(readFileSync(timesFile, 'utf8')) as EngineTimes) }
    },
    close: async () => {
      await close()
      rmSync(home, { recursive: true, force: true })
    }
  }
}

type HostClient = RealClient['client']

interface RunRequest {
  readonly dataset: string
  readonly engine: string
  readonly precision: string
  readonly config: Readonly<Record<string, unknown>>
}

async function watchRun(
  client: HostClient,
  request: RunRequest
): Promise<Omit<RunReport, keyof EngineTimes>> {
  const asked = performance.now()
  const { runs } = await client.runs.create({
    ...{ name: 'benchmark', datasets: [request.dataset], seeds: [0], threads: 0 },
    engine: request.engine,
    precision: request.precision as 'float32',
    algorithms: [{ algorithm: 'iql', config: request.config }]
  })
  const { id } = runs[0]
  const stop = new AbortController()
  const first = firstPoint(client, id, stop.signal)
  const ended = whenEnded(client, id, stop.signal)
  const firstAt = (await Promise.race([first, ended.then(() => null)])) ?? NaN
  const cpu = process.cpuUsage()
  const memoryBytes = await ended
  const { user, system } = process.cpuUsage(cpu)
  const watchedSeconds = (performance.now() - firstAt) / 1e3
  stop.abort()
  return {
    firstMetricSeconds: (firstAt - asked) / 1e3,
    memoryBytes,
    hostCpuSeconds: (user + system) / 1e6,
    watchedSeconds
  }
}

/** The moment at which a page would get the first point. */
async function firstPoint(client: HostClient, id: string, signal: AbortSignal): Promise<number | null> {
  for await (const { points } of client.metrics.follow({ runIds: [id], after: 0 }, signal))
    if (points.length > 0) return performance.now()
  return null
}

/** Waits for the end; gives the most memory that was reported. @throws Error when it did not finish */
async function whenEnded(client: HostClient, id: string, signal: AbortSignal): Promise<number> {
  let most = 0
  for await (const { changed } of client.runs.follow({}, signal)) {
    const run = changed.find(candidate => candidate.id === id)
    if (run === undefined) continue
    most = Math.max(most, run.progress.memoryBytes)
    if (run.state === 'finished') return most
    if (['failed', 'diverged', 'interrupted', 'stopped'].includes(run.state))
      throw new Error(run.reason ?? `the run ended as ${run.state}`)
  }
  throw new Error('the host closed')
}
