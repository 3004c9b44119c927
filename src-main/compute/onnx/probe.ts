import { UserError } from '../../base/errors.ts'
import { nodeProcessHost } from '../../base/nodeProcessHost.ts'
import type { ChildHandle, ProcessHost } from '../../base/processHost.ts'
import { outcomeOf } from '../trialProcess.ts'
import { environmentFor } from './cudaLibraries.ts'
import type { ProbeJob } from './gpuProbe.ts'
import { absence, type GpuProvider, gpuProviders, type Machine, thisMachine } from './providers.ts'
import { runtimeVersion } from './runtime.ts'
import { judge, readVerdict, type Trial, type Verdict, verdictKey, writeVerdict } from './verdicts.ts'

export interface ProbeOptions {
  readonly host?: ProcessHost
  readonly machine?: Machine
  /** A trial that takes longer is ended: a driver may hang. */
  readonly secondsAtMost?: number
}

const running = new Map<string, Promise<Verdict>>()

/** True for engines that are offered only after a trial. */
export const needsProbe = (id: string): boolean => gpuProviders.some(gpu => gpu.id === id)

/**
 * Tries a graphics engine in a process of its own and keeps the verdict; calls for one engine at the same time share one trial.
 * Takes up to a minute, some seconds where the engine is absent or fast.
 * @throws UserError('engine-unavailable') for an id that is no graphics engine's
 */
export function probeEngine(id: string, options: ProbeOptions = {}): Promise<Verdict> {
  const gpu = gpuProviders.find(provider => provider.id === id)
  if (gpu === undefined)
    return Promise.reject(
      new UserError('engine-unavailable', `Engine '${id}' needs no trial; choose ${ids()}.`, { engine: id })
    )
  const known = running.get(id)
  if (known !== undefined) return known
  const verdict = probe(gpu, options).finally(() => running.delete(id))
  running.set(id, verdict)
  return verdict
}

/**
 * Tries the graphics engines that can be here and were not tried yet, one after another; on `again` also those that did not serve.
 * @returns true when something was tried, so that `describe` may answer otherwise than before
 */
export async function probeEngines(
  options: ProbeOptions & { readonly again?: boolean } = {}
): Promise<boolean> {
  const { machine = thisMachine(), again = false } = options
  let tried = false
  for (const gpu of gpuProviders.filter(provider => absence(provider, machine) === null)) {
    const known = await readVerdict(gpu, runtimeVersion())
    if (known !== null && (known.usable || !again)) continue
    await probeEngine(gpu.id, options)
    tried = true
  }
  return tried
}

const ids = (): string => gpuProviders.map(({ id }) => id).join(', ')

async function probe(gpu: GpuProvider, options: ProbeOptions): Promise<Verdict> {
  const { host = nodeProcessHost(), machine = thisMachine(), secondsAtMost = 180 } = options
  const key = await verdictKey(runtimeVersion())
  const absent = absence(gpu, machine)
  if (absent !== null) return judge(gpu, key, { failure: absent })
  const verdict = judge(
    gpu,
    key,
    await trialIn(host.start('gpuProbe', { environment: environmentFor(gpu.id) }), gpu, secondsAtMost)
  )
  await writeVerdict(gpu, verdict)
  return verdict
}

async function trialIn(child: ChildHandle, { id }: GpuProvider, secondsAtMost: number): Promise<Trial> {
  const outcome = await outcomeOf(child, secondsAtMost, { id } satisfies ProbeJob)
  if ('answer' in outcome) return outcome.answer as Trial
  if ('late' in outcome)
    return { failure: `a trial step did not end within ${secondsAtMost} s, so the driver may hang.` }
  return { failure: `the trial process ended without an answer (${outcome.ended}): the driver crashed.` }
}
