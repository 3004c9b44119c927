import { z } from 'zod'
import { engineInfo } from './app.ts'
import { call, stream } from './define.ts'
import { empty, timestamp } from './values.ts'

/** Engines that are fetched and built on this machine instead of coming with the app. */
const installableId = z.enum(['tensorflow'])
export type InstallableId = z.infer<typeof installableId>

/** What an install left behind. */
export const installedEngine = z.object({
  version: z.string(),
  /** Built for CUDA devices. */
  gpu: z.boolean(),
  /** Bytes on the disk. */
  sizeBytes: z.number(),
  installedAt: timestamp
})
export type InstalledEngine = z.infer<typeof installedEngine>

export const engineEntry = engineInfo.extend({
  /** True when this machine can install it (also again); never a condition for using the app. */
  installable: z.boolean(),
  /** Null: nothing is installed, or the engine comes with the app. */
  installed: installedEngine.nullable()
})
export type EngineEntry = z.infer<typeof engineEntry>

/** How far the newest install of an engine has come; `idle` when there was none since the host began. */
export const engineProgress = z.object({
  id: installableId,
  state: z.enum(['idle', 'downloading', 'unpacking', 'building', 'verifying', 'done', 'failed', 'cancelled']),
  doneBytes: z.number(),
  /** 0 while it is not known. */
  totalBytes: z.number(),
  /** What is being done, for people. */
  text: z.string(),
  /** Why it failed and what to do; null otherwise. */
  error: z.string().nullable()
})
export type EngineProgress = z.infer<typeof engineProgress>

export const enginesContract = {
  list: call(empty, z.array(engineEntry)),
  /** Starts an install and answers at once; `progress` tells the rest. `conflict` while one is running. */
  install: call(
    z.object({
      id: installableId,
      gpu: z.boolean().default(false),
      /** Files to take instead of downloads; handles of `files.pick` or `files.list`. */
      wheels: z.array(z.string().max(200)).max(64).default([])
    }),
    engineProgress
  ),
  /** Ends a running install; what was downloaded is kept for the next. */
  cancel: call(z.object({ id: installableId }), empty),
  /** Deletes an installed engine; `conflict` while runs train with it or it is being installed. */
  remove: call(z.object({ id: installableId }), empty),
  /** The state now, then every change. */
  progress: stream(empty, engineProgress)
}
