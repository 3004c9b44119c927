import { UserError } from '../base/errors.ts'
import { oldestGlibc } from './tested.ts'
import { compareReleases, releaseOf } from './versions.ts'

/** What decides whether the libraries in a wheel can be loaded. */
export interface MachineKind {
  readonly platform: string
  readonly arch: string
  /** Version of the GNU C library that this process runs on; null: another C library, such as musl. */
  readonly glibc: string | null
}

let known: MachineKind | null = null

function thisMachine(): MachineKind {
  known ??= { platform: process.platform, arch: process.arch, glibc: glibcVersion() }
  return known
}

function glibcVersion(): string | null {
  if (process.platform !== 'linux') return null
  const report = process.report as typeof process.report & { excludeNetwork?: boolean }
  report.excludeNetwork = true // Names of network neighbours take seconds to look up.
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime ?? null
}

/** Why the TensorFlow engine cannot be installed on this kind of machine; null when it can. */
export function unsupportedReason(machine: MachineKind = thisMachine()): string | null {
  const { platform, arch, glibc } = machine
  if (platform !== 'linux' || arch !== 'x64')
    return (
      `the TensorFlow engine can be installed on 64-bit x86 Linux only, and this is ${platform} on ${arch}; ` +
      'the other engines train here without it'
    )
  const release = glibc === null ? null : releaseOf(glibc)
  if (release !== null && compareReleases(release, releaseOf(oldestGlibc) ?? []) >= 0) return null
  const has = glibc === null ? 'this system has another C library' : `this system has ${glibc}`
  return (
    `the TensorFlow engine needs the GNU C library (glibc) ${oldestGlibc} or newer, and ${has}; ` +
    'the other engines train here without it'
  )
}

/** @throws UserError('unsupported') */
export function requireSupported(): void {
  const reason = unsupportedReason()
  if (reason !== null) throw new UserError('unsupported', reason)
}
