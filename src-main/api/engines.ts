import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import type { EngineEntry, enginesContract } from '../../src-preload/contract/engines.ts'
import { unsupportedReason } from '../engines/supported.ts'
import { algorithmById } from '../algorithms/index.ts'
import type { Services } from './services.ts'

/** Answers `engines.*`. */
export const enginesHandlers = (services: Services): GroupHandlers<typeof enginesContract> => ({
  list: () => listEngines(services),
  install: ({ gpu, wheels }) =>
    services.engineManager.install({
      gpu,
      wheels: wheels.map(handle => services.files.path(handle)),
      index: null,
      keep: false
    }),
  cancel: () => {
    services.engineManager.cancel()
    return {}
  },
  remove: async ({ id }) => {
    await services.engineManager.remove(id)
    return {}
  },
  progress: (_, { signal }) => services.engineManager.progress(signal),
  measurements: () => services.engineChoice.measurements(),
  measure: ({ sizes }, { signal }) => {
    for (const { algorithm } of sizes) algorithmById(algorithm)
    return services.engineChoice.measure(sizes, signal)
  }
})

async function listEngines({ engines, engineManager }: Services): Promise<EngineEntry[]> {
  const installed = await engineManager.installed('tensorflow')
  const known = await engines()
  const unsupported = unsupportedReason()
  return known.map(info => {
    if (info.id !== 'tensorflow') return { ...info, installable: false, installed: null }
    const reason = info.available ? null : (unsupported ?? info.reason)
    return { ...info, reason, installable: unsupported === null, installed }
  })
}
