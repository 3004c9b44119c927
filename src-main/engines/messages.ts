import type { EngineProgress, InstalledEngine } from '../../src-preload/contract/engines.ts'
import type { WireError } from '../../src-preload/contract/errors.ts'

/** The one job of an installer process. */
export interface InstallJob {
  /** The engines folder. */
  readonly folder: string
  readonly gpu: boolean
  /** Paths of wheels to take instead of downloads. */
  readonly wheels: readonly string[]
  /** Address of a simple package index; null for the usual one. */
  readonly index: string | null
  /** Keeps what was downloaded. */
  readonly keep: boolean
}

/** A step of an install, as its process reports it. */
export type InstallStep = Pick<EngineProgress, 'doneBytes' | 'totalBytes' | 'text'> & {
  readonly state: 'downloading' | 'unpacking' | 'building' | 'verifying'
}

export type ToInstaller =
  | { readonly kind: 'install'; readonly job: InstallJob }
  /** End at once, with all that was started. */
  | { readonly kind: 'cancel' }

export type FromInstaller =
  | { readonly kind: 'step'; readonly step: InstallStep }
  /** The engine is in place. */
  | { readonly kind: 'installed'; readonly installed: InstalledEngine }
  | { readonly kind: 'failed'; readonly error: WireError }
