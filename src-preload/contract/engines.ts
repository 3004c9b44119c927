import { z } from 'zod'
import { engineInfo } from './app.ts'
import { call, stream } from './define.ts'
import { execution } from './execution.ts'
import { precision } from './precision.ts'
import { empty, timestamp } from './values.ts'

/** Engines that are fetched and built on this machine instead of coming with the app. */
export const installableId = z.enum(['tensorflow'])
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

/** What an engine's speed depends on: an algorithm at a size, on a number of threads. */
export const measuredSize = z.object({
  algorithm: z.string(),
  hiddenSizes: z.array(z.number().int().min(1).max(65_536)).min(1).max(16),
  batchSize: z.number().int().min(1).max(1_000_000),
  threads: z.number().int().min(1).max(256),
  /** Observation and action dimensions, rounded up to powers of two: near sizes share a measurement. */
  observationSize: z.number().int().min(1).max(65_536),
  actionSize: z.number().int().min(1).max(65_536),
  actions: z.enum(['continuous', 'discrete'])
})
export type MeasuredSize = z.infer<typeof measuredSize>

/** One engine in one number format at one size; without a speed it failed, for the reason given. */
export const engineSpeed = z.object({
  engine: z.string(),
  version: z.string(),
  device: z.string(),
  precision,
  stepsPerSecond: z.number().nullable(),
  /** Seconds until its first step was done. */
  compileSeconds: z.number().nullable(),
  reason: z.string().nullable(),
  /** How its steps ran, from engines that have several ways. */
  execution: execution.optional()
})
export type EngineSpeed = z.infer<typeof engineSpeed>

/** Engines measured side by side at one size, in alternating windows of made-up training. */
export const measurement = z.object({
  size: measuredSize,
  measuredAt: timestamp,
  /** Runs that trained meanwhile and took part of the machine. */
  otherRuns: z.number().int(),
  speeds: z.array(engineSpeed),
  /** Id of the fastest in float32; null when all failed. */
  fastest: z.string().nullable(),
  /** False when it was taken with other engines or versions than are here now; `auto` then measures anew. */
  current: z.boolean()
})
export type Measurement = z.infer<typeof measurement>

/** How far measuring has come. */
export const measuringProgress = z.object({
  size: measuredSize,
  /** What is being done, for people. */
  text: z.string(),
  /** From 0 to 1 over all sizes asked for. */
  share: z.number(),
  /** With the last item of each size. */
  measurement: measurement.nullable()
})
export type MeasuringProgress = z.infer<typeof measuringProgress>

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
  progress: stream(empty, engineProgress),
  /** What was measured on this machine, newest first. */
  measurements: call(empty, z.array(measurement)),
  /** Measures all engines present anew, in every number format they have here, size by size. */
  measure: stream(z.object({ sizes: z.array(measuredSize).min(1).max(32) }), measuringProgress)
}
