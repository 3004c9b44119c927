import { z } from 'zod'
import { call } from './define.ts'
import { enginePrecision } from './precision.ts'
import { empty } from './values.ts'

export const engineInfo = z.object({
  id: z.string(),
  title: z.string(),
  available: z.boolean(),
  version: z.string(),
  device: z.string(),
  /** Why it cannot be used, and what to do about it; null when it can. */
  reason: z.string().nullable(),
  /** Number formats beside float32 that it has, also those that this machine lacks; absent: none. */
  precisions: z.array(enginePrecision).optional()
})
export type EngineInfo = z.infer<typeof engineInfo>

export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  slots: z.number().int().min(1).max(64).default(1),
  engine: z.string().default('auto'),
  /** Processes that share out the episodes of an evaluation; 0: as many as cores fall to a run. No result depends on it. */
  simulators: z.number().int().min(0).max(64).default(0),
  palette: z.enum(['default', 'colourBlind']).default('default'),
  reduceMotion: z.boolean().default(false)
})
export type Settings = z.infer<typeof settings>

export const appInfo = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'serve']),
  /** Name of the home folder, for people; not a path to use. */
  home: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
  capabilities: z.object({ nativeDialog: z.boolean(), revealFile: z.boolean() }),
  engines: z.array(engineInfo),
  node: z.string(),
  sqlite: z.string()
})
export type AppInfo = z.infer<typeof appInfo>

export const appContract = {
  info: call(empty, appInfo),
  settings: call(empty, settings),
  saveSettings: call(settings.partial(), settings)
}
