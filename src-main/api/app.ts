import { cpus, totalmem } from 'node:os'
import {
  settings as settingsSchema,
  type appContract,
  type Settings
} from '../../src-preload/contract/app.ts'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import { homeName } from '../store/home.ts'
import { readSettings, saveSetting } from '../store/settings.ts'
import { transaction } from '../store/sql.ts'
import type { Services } from './services.ts'

/** Saved settings; one that this version cannot read falls back to its default. */
function currentSettings(services: Pick<Services, 'store'>): Settings {
  const stored = readSettings(services.store.db)
  const known = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse(stored[key])
    return parsed.success ? [[key, parsed.data] as const] : []
  })
  return settingsSchema.parse(Object.fromEntries(known))
}

/** Answers `app.*`. */
export const appHandlers = (services: Services): GroupHandlers<typeof appContract> => ({
  info: async () => ({
    version: services.host.version,
    host: services.host.kind,
    home: homeName(services.store.home),
    cores: cpus().length,
    memoryBytes: totalmem(),
    capabilities: { nativeDialog: services.host.pick !== null, revealFile: services.host.reveal !== null },
    engines: await services.engines(),
    node: process.versions.node,
    sqlite: services.store.sqlite
  }),
  settings: () => currentSettings(services),
  saveSettings: changes => {
    const { db } = services.store
    transaction(db, () => {
      for (const [key, value] of Object.entries(changes)) if (value !== undefined) saveSetting(db, key, value)
    })
    if (changes.slots !== undefined) services.runs.slots(changes.slots)
    return currentSettings(services)
  }
})
